/** The sizes of elements on the page, told between layout and paint: never asked for, which would force a layout. */

import { type Size } from "./size";

export class Sizes {
  readonly #listeners = new WeakMap<Element, (size: Size) => void>();
  readonly #observer = new ResizeObserver((entries) => this.#hear(entries));

  /** Says the size in this frame still, unless there is no box, and at every change; one listener an element. */
  watch(element: Element, listener: (size: Size) => void): void {
    // Observed anew: only a first observation is sure to be told.
    this.leave(element);
    this.#listeners.set(element, listener);
    this.#observer.observe(element);
  }

  leave(element: Element): void {
    if (this.#listeners.delete(element)) this.#observer.unobserve(element);
  }

  #hear(entries: readonly ResizeObserverEntry[]): void {
    for (const { target, contentRect: { width, height } } of entries) this.#listeners.get(target)?.({ width, height });
  }
}
