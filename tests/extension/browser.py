"""A real Chromium with the built extension in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright

# Not google-chrome: since 137 the branded browser ignores --load-extension.
NAMES = ("chromium", "chromium-browser")
PROBE = Path(__file__).with_name("probe.js")
MODEL_FILES = ("bundle.json", "model.json")


def chromium() -> str:
    """Return the path of an installed Chromium; AssertionError names the package to install."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found, "no Chromium on the PATH: install the package 'chromium'"
    return found


@contextmanager
def browser_with(
    playwright: Playwright, extension: Path | None, profile: Path, *arguments: str
) -> Iterator[BrowserContext]:
    """Start Chromium with an unpacked extension, or without any, and the probe; wait until its service worker runs.

    The first-run page, which opens by itself at every start of an unpacked extension, is closed lest it hides the
    page of a test.
    """
    with started_with(playwright, extension, profile, *arguments) as context:
        if extension is not None:
            first_run_page(context).close()
        yield context


@contextmanager
def started_with(
    playwright: Playwright, extension: Path | None, profile: Path, *arguments: str
) -> Iterator[BrowserContext]:
    """Do the same, and leave the first-run page to the caller."""
    loading = [f"--disable-extensions-except={extension}", f"--load-extension={extension}"]
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium(),
        headless=False,
        ignore_default_args=["--disable-extensions"],
        args=[
            *(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-sync",
            ),
            *("--disable-background-networking", "--disable-component-update"),
            *(["--disable-extensions"] if extension is None else loading),
            *arguments,
        ],
    )
    context.set_default_timeout(20_000)
    context.add_init_script(path=PROBE)
    if extension is not None and not context.service_workers:
        context.wait_for_event("serviceworker")
    yield context
    context.close()


def calm_tab(browser: Browser | BrowserContext) -> Iterator[Page]:
    """Open an empty tab for a fixture to yield; at the end no exception may have escaped in it."""
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    tab.close()
    assert errors == []


def first_run_page(context: BrowserContext) -> Page:
    """Wait until the first-run page is open and return it; AssertionError after 20 s."""
    for _ in range(400):
        found = next((page for page in context.pages if page.url.endswith("/welcome.html")), None)
        if found:
            return found
        context.pages[0].wait_for_timeout(50)
    raise AssertionError("the first-run page did not open")


def open_extension_page(context: BrowserContext, name: str) -> Page:
    """Open a page of the extension, such as ``options.html``, and wait until it is filled in."""
    address = context.service_workers[0].url.replace("background.js", name)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    return page


def in_content_script(page: Page, expression: str) -> Any:
    """Evaluate an expression (a promise is awaited) where the extension's content script runs in the main frame."""
    session = page.context.new_cdp_session(page)
    found: list[int] = []
    session.on(
        "Runtime.executionContextCreated",
        lambda event: found.append(event["context"]["id"]) if _is_content_script(event["context"], main) else None,
    )
    main = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    session.send("Runtime.enable")
    answer = session.send(
        "Runtime.evaluate",
        {"contextId": found[0], "expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    session.detach()
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def _is_content_script(context: dict[str, Any], frame: str) -> bool:
    known = context.get("auxData", {})
    return known.get("frameId") == frame and context["origin"].startswith("chrome-extension://")


def assemble(dist: Path, bundle: Path | None, folder: Path) -> Path:
    """Copy the built extension, with the model of a bundle or without any, and return the folder to load."""
    assert (dist / "manifest.json").is_file(), f"{dist} is not built: run npm ci && npm run build in extension/"
    shutil.copytree(dist, folder, ignore=shutil.ignore_patterns("model"))
    if bundle is not None:
        (folder / "model").mkdir()
        for file in [*(bundle / name for name in MODEL_FILES), *bundle.glob("*.bin")]:
            shutil.copy(file, folder / "model")
    return folder


def wait_until_settled(page: Page, count: int) -> None:
    """Wait until ``count`` images of the page's main frame wear a state."""
    page.wait_for_function("n => document.querySelectorAll('img[data-flinch]').length >= n", arg=count)


def close_service_worker(context: BrowserContext, page: Page) -> None:
    """Put the service worker to sleep, as Chrome does after 30 idle seconds."""
    session = context.new_cdp_session(page)
    for target in session.send("Target.getTargets")["targetInfos"]:
        if target["type"] == "service_worker":
            session.send("Target.closeTarget", {"targetId": target["targetId"]})
    session.detach()


def ask_service_worker(context: BrowserContext, script: str, value: Any = None) -> Any:
    """Return what the service worker answers; one that Chrome replaces while it is asked is asked again."""
    try:
        return context.service_workers[-1].evaluate(script, value)
    except Error as error:
        if "restarted" not in error.message:
            raise
        return context.service_workers[-1].evaluate(script, value)


@contextmanager
def late_style_sheets(context: BrowserContext, ms: int) -> Iterator[None]:
    """Lay the user style sheets over every frame so many milliseconds late, as a loaded machine does."""
    worker = context.service_workers[-1]
    delay = """ms => {
        self.insertAtOnce = chrome.scripting.insertCSS;
        chrome.scripting.insertCSS = async (sheets) => {
            await new Promise(resolve => setTimeout(resolve, ms));
            await insertAtOnce(sheets);
        };
    }"""
    worker.evaluate(delay, ms)
    try:
        yield
    finally:
        # The browser is every test's.
        worker.evaluate("() => { chrome.scripting.insertCSS = insertAtOnce }")


def states(page: Page) -> dict[str, str | None]:
    """Return the state of every image of the main frame by its id."""
    found: dict[str, str | None] = page.evaluate(
        "() => Object.fromEntries([...document.images].map(i => [i.id, i.getAttribute('data-flinch')]))"
    )
    return found


def notes(page: Page) -> list[dict[str, Any]]:
    """Return what the probe saw in all frames of a page."""
    return [note for frame in page.frames for note in frame.evaluate("window.probe ? window.probe.notes : []")]


def seen_unjudged(page: Page, when: str = "before") -> list[dict[str, Any]]:
    """Return the notes of animation frames in which a picture could be seen that nothing had been said about."""
    return [n for n in notes(page) if n["when"] == when and n["seen"] != "no" and n["state"] is None]


def seen_plainly(page: Page, address: str) -> list[dict[str, Any]]:
    """Return the notes of animation frames in which the picture of an address could be seen without a blur."""
    return [n for n in notes(page) if n["src"] == address and n["seen"] == "plain"]
