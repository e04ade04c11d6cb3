/** Tells where the pointer has come to rest. */

import { type Point } from "./place";

export const REST_MS = 200;

export class Rest {
  readonly #rested: (point: Point | undefined) => void;
  #point: Point | undefined;
  #movedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `rested` gets undefined when the pointer has left the frame. */
  constructor(rested: (point: Point | undefined) => void) {
    this.#rested = rested;
  }

  /** Undefined when no pointer is over the frame. */
  get point(): Point | undefined {
    return this.#point;
  }

  move(point: Point | undefined): void {
    this.#point = point;
    this.#movedAt = performance.now();
    this.look();
  }

  /** The page has changed under a pointer that may be resting. */
  look(): void {
    this.#timer ??= setTimeout(this.#check, REST_MS);
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    const left = this.#movedAt + REST_MS - performance.now();
    // One timer for a whole journey of the pointer.
    if (left > 0) this.#timer = setTimeout(this.#check, left);
    else this.#rested(this.#point);
  };
}
