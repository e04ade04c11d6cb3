"""Chromium's debugging protocol for what is no page: the offscreen document and its worker, the service worker."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page


class Target:
    """Something that runs scripts. ``post`` takes a message to it; what it says comes to ``hear``."""

    def __init__(self, page: Page, post: Callable[[str], object]) -> None:
        self._page, self._post = page, post
        self._answers: dict[int, dict[str, Any]] = {}
        self._children: dict[str, Target] = {}
        self._kinds: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask and wait for the answer; AssertionError with what went wrong, or after twenty seconds."""
        number = next(self._numbers)
        self._post(json.dumps({"id": number, "method": method, "params": params}))
        self._wait(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        assert "result" in answer, answer
        return dict(answer["result"])

    def child(self, kind: str) -> "Target":
        """Speak to the one worker of a kind that this target has started.

        A worker answers only where the one that has started it has let the debugger in.
        """
        self.send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=False)
        self._wait(lambda: kind in self._kinds, f"a {kind}")
        session = self._kinds[kind]
        send = lambda text: self.send("Target.sendMessageToTarget", sessionId=session, message=text)  # noqa: E731
        self._children[session] = Target(self._page, send)
        return self._children[session]

    def used_heap(self) -> int:
        """Return the bytes that are in use after everything that can be freed has been."""
        for _ in range(2):
            self.send("HeapProfiler.collectGarbage")
        return int(self.send("Runtime.getHeapUsage")["usedSize"])

    def hear(self, text: str) -> None:
        """Take what the target says."""
        message = json.loads(text)
        params = message.get("params", {})
        if "id" in message:
            self._answers[message["id"]] = message
        elif message["method"] == "Target.attachedToTarget":
            self._kinds[params["targetInfo"]["type"]] = params["sessionId"]
        elif message["method"] == "Target.receivedMessageFromTarget" and params["sessionId"] in self._children:
            self._children[params["sessionId"]].hear(params["message"])

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        for _ in range(1000):
            if is_there():
                return
            self._page.wait_for_timeout(20)
        raise AssertionError(f"{what}: no answer")


@contextmanager
def offscreen_document(page: Page) -> Iterator[Target]:
    """Speak to the offscreen document; its worker is the ``child("worker")``."""
    session = page.context.new_cdp_session(page)
    found = session.send("Target.getTargets")["targetInfos"]
    wanted = next(target for target in found if target["type"] == "background_page")
    its = session.send("Target.attachToTarget", {"targetId": wanted["targetId"], "flatten": False})["sessionId"]
    target = Target(
        page, lambda text: session.send("Target.sendMessageToTarget", {"sessionId": its, "message": text})
    )
    session.on("Target.receivedMessageFromTarget", lambda event: target.hear(event["message"]))
    yield target
    session.detach()
