/** Finds every subject's element in one document or shadow root, from its first moment on, and says when what it shows may have changed. */

import { OURS } from "./cover";
import { ATTRIBUTES, SELECTOR, isSubject } from "./kinds/all";
import { SOURCE_ATTRIBUTES } from "./kinds/image";
import { UNSTYLED, UNSTYLED_ATTRIBUTES, isUnstyled } from "./unstyled";

export interface Watcher {
  /** The element is new or its source was changed: what was known about it is void. Runs before anything is painted. */
  changed(element: Element): void;
  /** The element has finished loading, or has failed to. */
  settled(element: Element): void;
  /** Somebody, perhaps we, has set an attribute that only we may set. */
  marked(element: Element): void;
  /** Something was removed. */
  removed(): void;
}

const WATCHED = [...new Set([...ATTRIBUTES, ...SOURCE_ATTRIBUTES, ...UNSTYLED_ATTRIBUTES, ...OURS])];
const EVERYTHING = `${SELECTOR}, ${UNSTYLED}`;

const isWatched = (element: Element): boolean => isSubject(element) || isUnstyled(element);

/** Returns what ends it. */
export function watch(root: Document | ShadowRoot, watcher: Watcher): () => void {
  const onSettled = ({ target }: Event) => {
    if (isSubject(target as Element)) watcher.settled(target as Element);
  };
  // In the capture phase, as these events do not bubble, and on the document, as `load` never reaches the window.
  const listen = () => {
    for (const type of ["load", "error"]) root.addEventListener(type, onSettled, true);
  };
  const observer = new MutationObserver((mutations) => {
    // `document.open()` has thrown the listeners away when it puts in a new root; twice the same one is once.
    if (mutations.some(({ target }) => target === document)) listen();
    for (const mutation of mutations) {
      if (mutation.type === "attributes") onAttribute(mutation);
      else onChildren(mutation);
    }
  });

  function onAttribute({ target, attributeName }: MutationRecord): void {
    const element = target as Element;
    // Heard of without a filter, of elements of SVG alone.
    if (!WATCHED.includes(attributeName!)) return;
    if (OURS.includes(attributeName!)) watcher.marked(element);
    else if (isWatched(element)) changed(element);
    else if (element.localName === "source") onChoice(element);
  }

  /** Only what was added: rescanning the target of every mutation blocks a page of 3,000 appends for seconds. */
  function onChildren({ addedNodes, removedNodes }: MutationRecord): void {
    if (removedNodes.length > 0) watcher.removed();
    for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) onAdded(node as Element);
  }

  function onAdded(element: Element): void {
    if (isWatched(element)) changed(element);
    if (element.hasChildNodes()) element.querySelectorAll(EVERYTHING).forEach(changed);
    else if (element.localName === "source") onChoice(element);
  }

  /** A `<source>` beside an `<img>` chooses another file. */
  const onChoice = ({ parentElement }: Element) => parentElement?.querySelectorAll("img").forEach(changed);

  function changed(element: Element): void {
    // An attribute filter never hears of attributes with a namespace: xlink:href.
    if (element.localName === "image" || isUnstyled(element)) observer.observe(element, { attributes: true });
    watcher.changed(element);
  }

  listen();
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: WATCHED });
  root.querySelectorAll(EVERYTHING).forEach(changed);
  return () => {
    observer.disconnect();
    for (const type of ["load", "error"]) root.removeEventListener(type, onSettled, true);
  };
}
