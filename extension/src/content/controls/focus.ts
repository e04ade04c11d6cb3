/** Where the keyboard is, and the way back there. */

import { shadowOf } from "../tree";

/** The focused element, in whatever shadow root it is; undefined when it is the document as a whole. */
export function focused(): Element | undefined {
  let element = document.activeElement;
  for (let inner = element; inner !== null; inner = shadowOf(inner)?.activeElement ?? null) element = inner;
  return element === null || element === document.body || element === document.documentElement ? undefined : element;
}

/** Whether the keyboard is in this frame, and not in one inside of it. */
export function hasKeyboard(): boolean {
  // With the focus in the browser's own bars no frame has it: the topmost answers.
  if (!document.hasFocus()) return window === window.top;
  return !/^(iframe|frame|object|embed)$/.test(focused()?.localName ?? "");
}

export function focusOn(element: Element | undefined): void {
  (element as HTMLElement | undefined)?.focus?.({ preventScroll: true });
}
