/** The way through a page's covered and hidden pictures, in document order. */

interface Stop {
  box(): { readonly bottom: number };
}

export class Tour<T extends Stop> {
  #last: T | undefined;
  #index = 0;

  visit(stop: T, stops: readonly T[]): void {
    this.#last = stop;
    this.#index = stops.indexOf(stop);
  }

  /** The reader has gone somewhere else on the page. */
  leave(): void {
    this.#last = undefined;
  }

  /** The stop after the last one, round and round; from elsewhere the first that is not above the viewport. */
  next(stops: readonly T[]): T | undefined {
    if (this.#last === undefined) return stops.find((stop) => stop.box().bottom > 0) ?? stops[0];
    // A picture that was revealed meanwhile is no stop any more: the one after it has moved up into its place.
    const index = stops.includes(this.#last) ? stops.indexOf(this.#last) + 1 : this.#index;
    return stops[index % stops.length];
  }
}
