"""The worker in the offscreen document, which is no page and only the debugging protocol can reach."""

import json

from playwright.sync_api import BrowserContext, Page


def run_in_worker(browser: BrowserContext, page: Page, script: str) -> None:
    """Run a script in the offscreen document's worker, which is no page, through the debugging protocol."""
    session = browser.new_cdp_session(page)
    targets = session.send("Target.getTargets")["targetInfos"]
    worker = next(target for target in targets if target["type"] == "worker")
    attached = session.send("Target.attachToTarget", {"targetId": worker["targetId"], "flatten": False})
    command = {"id": 1, "method": "Runtime.evaluate", "params": {"expression": script}}
    session.send("Target.sendMessageToTarget", {"sessionId": attached["sessionId"], "message": json.dumps(command)})
    session.detach()
