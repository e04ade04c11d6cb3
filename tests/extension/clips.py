"""Short films of judged pictures, recorded by the browser itself."""

import base64

from playwright.sync_api import BrowserContext

from tests.extension.judged import Judged
from tests.extension.site import Site

RECORD = """async ([first, then, seconds]) => {
    const pictures = [];
    for (const url of [first, then].filter(url => url !== null)) {
        const image = new Image();
        image.src = url;
        await image.decode();
        pictures.push(image);
    }
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d');
    const options = { mimeType: 'video/webm', videoBitsPerSecond: 2e6 };
    const recorder = new MediaRecorder(canvas.captureStream(20), options);
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise(resolve => recorder.onstop = resolve);
    const draw = () => {
        const picture = pictures[performance.now() - start < seconds * 500 ? 0 : 1];
        context.clearRect(0, 0, 320, 240);
        if (picture === undefined) return;
        context.drawImage(picture, 0, 0, 320, 240);
        // Every frame differs from the last, or nothing is recorded.
        context.fillRect(0, 0, 1 + performance.now() % 2, 1);
    };
    const start = performance.now();
    draw();
    const timer = setInterval(draw, 50);
    recorder.start();
    await new Promise(resolve => setTimeout(resolve, seconds * 1000));
    clearInterval(timer);
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}"""


def record(browser: BrowserContext, site: Site, first: Judged | None, then: Judged | None, seconds: float) -> bytes:
    """Return a WebM file that shows one picture for the first half of its time and another for the second.

    Without pictures it is transparent.
    """
    page = browser.new_page()
    page.goto(site.page("studio", ""))
    addresses = [picture and site.put(f"studio/{picture.name}", picture.data) for picture in (first, then)]
    film = base64.b64decode(page.evaluate(RECORD, [*addresses, seconds]))
    page.close()
    return film
