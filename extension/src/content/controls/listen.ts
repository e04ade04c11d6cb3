/** Hears the reader's events in the capture phase of the window, before a page that came later can. */

export interface Ears {
  handleEvent(event: Event): void;
}

/** Also after `document.open()`, which throws all listeners of a window away. */
export function hearFirst(types: readonly string[], ears: Ears): void {
  const listen = () => {
    for (const type of types) window.addEventListener(type, ears, { capture: true });
  };
  listen();
  // The same listener twice is one. Our own element goes into the root element, not into the document.
  new MutationObserver(listen).observe(document, { childList: true });
}
