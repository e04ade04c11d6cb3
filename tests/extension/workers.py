"""The worker in the offscreen document, which only the debugging protocol reaches, through that document."""

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page


def run_in_worker(browser: BrowserContext, page: Page, script: str) -> None:
    """Begin a script in the offscreen document's worker; `page` is any page of the browser."""
    session = browser.new_cdp_session(page)
    targets = session.send("Target.getTargets")["targetInfos"]
    document = next(target for target in targets if target["url"].endswith("offscreen.html"))
    outer = session.send("Target.attachToTarget", {"targetId": document["targetId"], "flatten": False})["sessionId"]
    attached: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        heard = json.loads(message["message"])
        if heard.get("method") == "Target.attachedToTarget" and heard["params"]["targetInfo"]["type"] == "worker":
            attached.append(heard["params"]["sessionId"])

    def tell(session_id: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"sessionId": session_id, "message": json.dumps({"id": 1, "method": method, "params": params})}

    session.on("Target.receivedMessageFromTarget", hear)
    following = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
    session.send("Target.sendMessageToTarget", tell(outer, "Target.setAutoAttach", following))
    while not attached:
        page.wait_for_timeout(50)
    inner = tell(attached[-1], "Runtime.evaluate", {"expression": script})
    session.send("Target.sendMessageToTarget", tell(outer, "Target.sendMessageToTarget", inner))
    page.wait_for_timeout(200)
    session.detach()


def worker_ids(browser: BrowserContext, page: Page) -> set[str]:
    """Return what the browser calls the workers that run."""
    session = browser.new_cdp_session(page)
    targets = session.send("Target.getTargets")["targetInfos"]
    session.detach()
    return {target["targetId"] for target in targets if target["type"] == "worker"}
