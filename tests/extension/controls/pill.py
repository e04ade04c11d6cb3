"""The reader's controls on a page, by way of the debugging protocol: no script of a page can see into them."""

import time
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page

HOLD, ARMED, AGAIN = "Hold to show", "Press again to show", "Hide again"
HARMLESS, TRIGGERING = "Report as harmless", "Report as triggering"

# The states of the two pictures of the fixture `two`.
BOTH = {"a": "covered", "b": "covered"}
FIRST = {"a": "revealed", "b": "covered"}

AXE = "extension/node_modules/axe-core/axe.min.js"
PATIENCE_S = 10.0
Point = tuple[float, float]


class Pill:
    """The pill of a page's main frame, or of one of its frames of the same origin, as a screen reader finds it."""

    def __init__(self, context: BrowserContext, page: Page, frame: int | None = None) -> None:
        self.page = page
        self._session: CDPSession = context.new_cdp_session(page)
        self._session.send("DOM.enable")
        self._session.send("Accessibility.enable")
        self._frame: dict[str, str] = {}
        if frame is not None:
            children = self._session.send("Page.getFrameTree")["frameTree"]["childFrames"]
            self._frame = {"frameId": children[frame]["frame"]["id"]}

    def nodes(self) -> list[dict[str, Any]]:
        """Return the accessibility nodes of the pill, the pill itself first; none while there is no pill."""
        tree = self._session.send("Accessibility.getFullAXTree", self._frame)["nodes"]
        by_id = {node["nodeId"]: node for node in tree}
        found = next((n for n in tree if role(n) == "dialog" and not n["ignored"]), None)
        return [] if found is None else list(_below(found, by_id))

    def label(self) -> str | None:
        """Return the pill's name, or None while there is no pill."""
        nodes = self.nodes()
        return name(nodes[0]) if nodes else None

    def text(self) -> str:
        """Return the words in the pill, buttons included."""
        return " ".join(name(n) for n in self.nodes() if role(n) == "StaticText")

    def buttons(self) -> list[str]:
        """Return the names of the pill's buttons."""
        return [name(node) for node in self.nodes() if role(node) == "button"]

    def focused(self) -> str | None:
        """Return the name of the focused button, or None while the keyboard is elsewhere."""
        return next((name(n) for n in self.nodes() if role(n) == "button" and is_focused(n)), None)

    def wait(self, *buttons: str) -> None:
        """Wait until the pill has exactly these buttons; AssertionError when it does not come to that."""
        self._until(lambda: self.buttons() == list(buttons), f"buttons {buttons}")

    def wait_gone(self) -> None:
        """Wait until there is no pill."""
        self._until(lambda: self.label() is None, "no pill")

    def stays_away(self, milliseconds: int = 700) -> bool:
        """Return whether there is no pill for a while, longer than a resting pointer takes to bring it."""
        self.page.wait_for_timeout(milliseconds)
        return self.label() is None

    def box(self, button: str | None = None) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of a button, or of the pill itself."""
        nodes = self.nodes()
        node = nodes[0] if button is None else next(n for n in nodes if name(n) == button)
        return self._box_of(node["backendDOMNodeId"])

    def _box_of(self, backend: int) -> tuple[float, float, float, float]:
        left, top, _, _, right, bottom = self._session.send("DOM.getBoxModel", {"backendNodeId": backend})["model"][
            "border"
        ][:6]
        return left, top, right, bottom

    def centre(self, button: str) -> Point:
        """Return the middle of a button."""
        return middle(self.box(button))

    def seen_text(self) -> str:
        """Return what the pill says to the eye: in full screen, screen readers find only what is inside of it."""
        nodes = self._session.send("DOM.getFlattenedDocument", {"depth": -1, "pierce": True})["nodes"]
        node = next(n for n in nodes if n["nodeName"] == "P" and "says" in n.get("attributes", []))
        return str(next(n["nodeValue"] for n in nodes if n.get("parentId") == node["nodeId"]))

    def style(self, name: str) -> str:
        """Return a computed style of the pill."""
        self._session.send("DOM.getDocument", {"depth": 0})
        self._session.send("CSS.enable")
        backend = self.nodes()[0]["backendDOMNodeId"]
        ids = self._session.send("DOM.pushNodesByBackendIdsToFrontend", {"backendNodeIds": [backend]})["nodeIds"]
        styles = self._session.send("CSS.getComputedStyleForNode", {"nodeId": ids[0]})["computedStyle"]
        return str(next(style["value"] for style in styles if style["name"] == name))

    def open_for_axe(self) -> None:
        """Make the closed shadow root look open to the page's own world, so that axe goes in; no build is so."""
        backend = self.nodes()[0]["backendDOMNodeId"]
        pill = self._session.send("DOM.resolveNode", {"backendNodeId": backend})["object"]["objectId"]
        show = "const r = this.getRootNode(); Object.defineProperty(r.host, 'shadowRoot', { value: r })"
        self._session.send(
            "Runtime.callFunctionOn", {"objectId": pill, "functionDeclaration": f"function () {{ {show} }}"}
        )

    def touch(self, kind: str, *points: Point) -> None:
        """Send a touch event."""
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def _until(self, holds: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"waited for {what}, found {self.label()!r} with {self.buttons()}"
            self.page.wait_for_timeout(50)


def middle(box: tuple[float, float, float, float]) -> Point:
    """Return the middle of a box."""
    left, top, right, bottom = box
    return (left + right) / 2, (top + bottom) / 2


def role(node: dict[str, Any]) -> str:
    """Return the role of an accessibility node."""
    return str(node.get("role", {}).get("value", ""))


def name(node: dict[str, Any]) -> str:
    """Return the name of an accessibility node."""
    return str(node.get("name", {}).get("value", ""))


def is_focused(node: dict[str, Any]) -> bool:
    """Return whether the keyboard is at an accessibility node."""
    return any(p["name"] == "focused" and p["value"]["value"] for p in node.get("properties", []))


def _below(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Any:
    yield node
    for child in node.get("childIds", []):
        if child in by_id:
            yield from _below(by_id[child], by_id)


def send(context: BrowserContext, message: dict[str, Any]) -> None:
    """Send the content scripts of the active tab a message from the service worker."""
    context.service_workers[0].evaluate(
        """async message => {
            const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
            await chrome.tabs.sendMessage(tab.id, message).catch(() => undefined);
        }""",
        message,
    )


def command(context: BrowserContext, name: str) -> None:
    """Give the content scripts of the active tab a command."""
    send(context, {"type": "command", "name": name})


def want_reports(context: BrowserContext) -> None:
    """Let the active tab offer reports, and keep those that reach the service worker."""
    policy = {"on": True, "strictness": "balanced", "cover": "blur", "canvases": False, "reports": True}
    context.service_workers[0].evaluate(
        """() => {
            if (self.reported === undefined) chrome.runtime.onMessage.addListener(message => {
                if (message.type === 'report') self.reported.push([message.address, message.says]);
            });
            self.reported = [];
        }"""
    )
    send(context, {"type": "policy", "policy": policy})


def reported(context: BrowserContext) -> list[list[str]]:
    """Return the reports since `want_reports`."""
    found: list[list[str]] = context.service_workers[0].evaluate("self.reported")
    return found


def rest(page: Page, selector: str) -> None:
    """Move the pointer into an element and let it rest."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 3)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)


def press(page: Page, at: tuple[float, float], milliseconds: float = 40) -> None:
    """Press the mouse at a place and let it go after a while."""
    page.mouse.move(*at)
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()
