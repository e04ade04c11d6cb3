// Runs in every frame of a page before the page's own scripts. On every animation frame it notes, for each element of
// a kind that shows pictures, in shadow roots too, what would be painted by its computed style:
// {kind, src, complete, seen: "plain" | "blurred" | "no", state, size}. Only changes are kept.
(() => {
  const KINDS = "img, input[type=image i], image, video, object, embed, canvas";
  const notes = [];
  const last = { before: new WeakMap(), after: new WeakMap() };
  const shadows = new Set();
  window.probe = { notes, frames: 0, shadows };

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const shadow = attach.call(this, options);
    shadows.add(shadow);
    return shadow;
  };

  function addressOf(element) {
    if (element.localName === "image") return new URL(element.href.baseVal, document.baseURI).href;
    return element.currentSrc || element.src || element.data || element.poster || "";
  }

  function hasPicture(element) {
    if (element.localName === "img") return element.naturalWidth > 0;
    if (element.localName === "video") return element.poster !== "" || (element.readyState >= 2 && element.videoWidth > 0);
    return true;
  }

  function seenAs(element) {
    const style = getComputedStyle(element);
    const isVisible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const isMovedOut = element.localName !== "image" && parseFloat(style.objectPosition) < -10_000;
    const isGrey = style.filter.includes("contrast(0)");
    if (!isVisible || isMovedOut || isGrey || !hasPicture(element)) return "no";
    const blur = /blur\((\d+)px\)/.exec(style.filter);
    return blur && Number(blur[1]) >= 6 ? "blurred" : "plain";
  }

  function look(element, when) {
    const state = element.getAttribute("data-flinch");
    const src = addressOf(element);
    const note = { src, complete: element.complete ?? true, seen: seenAs(element), state, when };
    const text = JSON.stringify(note);
    if (last[when].get(element) === text) return;
    last[when].set(element, text);
    const { width, height } = element.getBoundingClientRect();
    notes.push({ ...note, kind: element.localName, id: element.id, width, height, frame: window.probe.frames });
  }

  function everywhere(when) {
    for (const root of [document, ...shadows]) for (const element of root.querySelectorAll(KINDS)) look(element, when);
  }

  function onFrame() {
    window.probe.frames++;
    everywhere("before");
    // A task right after the frame sees what resize observers did between layout and paint.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => everywhere("after");
    channel.port2.postMessage(0);
    requestAnimationFrame(onFrame);
  }
  requestAnimationFrame(onFrame);
})();
