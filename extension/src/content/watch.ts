/** Finds every `<img>` of a frame, from its first moment on, and says when what it shows may have changed. */

export interface Watcher {
  /** The image is new or its source was changed: what was known about it is void. Runs before anything is painted. */
  changed(image: HTMLImageElement): void;
  /** The image has finished loading, or has failed to. */
  settled(image: HTMLImageElement): void;
  /** The browser may have chosen another of the files that the image offers, for another size of the window. */
  rechosen(image: HTMLImageElement): void;
}

// Attributes of <img>, and of <source> inside <picture>, that choose another file.
const CHOOSING = ["src", "srcset", "sizes", "media", "type", "crossorigin"];

/** The images that offer more than one file. */
const OFFERING = "img[srcset], picture > img";

export function watch(document: Document, watcher: Watcher): void {
  const onSettled = ({ target }: Event) => {
    if (isImage(target as Node)) watcher.settled(target as HTMLImageElement);
  };
  const recheck = () => {
    for (const image of document.querySelectorAll<HTMLImageElement>(OFFERING)) watcher.rechosen(image);
  };
  // A `srcset` swap shows in no mutation, and a frame can be painted between it and its `load`. Chrome chooses after
  // animation callbacks and before resize observers when the width changes; the others are for what is left.
  const widths = new ResizeObserver(recheck);
  const recheckSoon = () => requestAnimationFrame(recheck);
  const listen = () => {
    // In the capture phase, as these events do not bubble, and on the document, as `load` never reaches the window.
    document.addEventListener("load", onSettled, true);
    document.addEventListener("error", onSettled, true);
    window.addEventListener("resize", recheckSoon);
    if (document.documentElement !== null) widths.observe(document.documentElement);
  };
  const observer = new MutationObserver((mutations) => {
    // `document.open()` has thrown the listeners away when it puts in a new root; twice the same one is once.
    if (mutations.some(({ target }) => target === document)) listen();
    for (const mutation of mutations) for (const image of imagesOf(mutation)) watcher.changed(image);
  });
  listen();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recheck);
  observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: CHOOSING });
  for (const image of document.images) watcher.changed(image);
}

/** By name and not by class: `<svg:img>` has no `currentSrc`, and adopted elements keep the class of another window. */
const isImage = (node: Node): node is HTMLImageElement =>
  (node as Partial<Element>).localName === "img" && "currentSrc" in node;

/** Only what was added: rescanning the target of every mutation blocks a page of 3,000 appends for seconds. */
function* imagesOf({ type, target, addedNodes }: MutationRecord): Iterable<HTMLImageElement> {
  if (type === "attributes") {
    if (isImage(target)) yield target;
    else if ((target as Element).localName === "source") yield* target.parentElement?.getElementsByTagName("img") ?? [];
    return;
  }
  for (const node of addedNodes) {
    if (isImage(node)) yield node;
    else if (node.nodeType === Node.ELEMENT_NODE) yield* (node as Element).getElementsByTagName("img");
  }
}
