/** Which elements are in the viewport or within half of one from it. */

const MARGIN = "50%";

export class Sight {
  readonly #listeners = new WeakMap<Element, (near: boolean) => void>();
  readonly #observer = new IntersectionObserver((entries) => this.#hear(entries), { rootMargin: MARGIN });

  /** Says in the next frame, and at every change, whether the element is near; one listener an element. */
  watch(element: Element, listener: (near: boolean) => void): void {
    this.#listeners.set(element, listener);
    this.#observer.observe(element);
  }

  leave(element: Element): void {
    if (this.#listeners.delete(element)) this.#observer.unobserve(element);
  }

  #hear(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) this.#listeners.get(target)?.(isIntersecting);
  }
}
