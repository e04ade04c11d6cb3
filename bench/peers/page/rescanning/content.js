// An imitation, written for bench/page.mjs, of how nsfw-filter's DOMWatcher (read in 2026) finds pictures: a mutation
// that added an element has the whole of its target searched again, for images, for boxes with a background, for videos.
const checked = new WeakSet();

function check(image) {
  const isSmall = image.width <= 32 || image.height <= 32;
  if ((isSmall && image.width > 0 && image.height > 0) || checked.has(image) || image.src === "") return;
  checked.add(image);
  image.style.visibility = "hidden";
  chrome.runtime.sendMessage(image.src).then(() => {
    image.style.visibility = "visible";
    image.dataset.flinch = "shown"; // for the bench's probe
  });
}

function checkBox(box) {
  if (checked.has(box) || box.style.backgroundImage === "") return;
  checked.add(box);
}

new MutationObserver((mutations) => {
  for (const { type, target, addedNodes } of mutations) {
    if (type === "attributes") {
      if (target.localName === "img") check(target);
    } else if ([...addedNodes].some(({ nodeType }) => nodeType === Node.ELEMENT_NODE)) {
      for (const image of target.querySelectorAll("img")) check(image);
      for (const box of target.querySelectorAll("div, a")) checkBox(box);
      target.querySelectorAll("video");
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
