// Runs in every frame of a page before the page's own scripts. On every animation frame it notes, for each <img>,
// what would be painted: {src, complete, seen: "plain" | "blurred" | "no", state, size}. Only changes are kept.
(() => {
  const notes = [];
  const last = { before: new WeakMap(), after: new WeakMap() };
  window.probe = { notes, frames: 0 };

  function look(image, when) {
    const style = getComputedStyle(image);
    const blur = /blur\((\d+)px\)/.exec(style.filter);
    const hidden = style.opacity === "0" || style.visibility === "hidden" || style.display === "none";
    const box = image.getBoundingClientRect();
    const seen = hidden || image.naturalWidth === 0 ? "no" : blur && Number(blur[1]) >= 6 ? "blurred" : "plain";
    const note = { src: image.currentSrc, complete: image.complete, seen, state: image.getAttribute("data-flinch"), when };
    const text = JSON.stringify(note);
    if (last[when].get(image) === text) return;
    last[when].set(image, text);
    notes.push({ ...note, id: image.id, width: box.width, height: box.height, frame: window.probe.frames });
  }

  function everywhere(when) {
    for (const image of document.images) look(image, when);
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
