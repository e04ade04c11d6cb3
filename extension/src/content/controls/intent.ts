/** Follows the reader's dealings with the button that shows a picture through time. */

import { type Act, HOLD_MS, PATIENCE_MS, UNDECIDED, deliberate, isArmed } from "../../deliberate";

export interface Watched {
  /** Whether the button is held down now, and whether one more press is enough. */
  changed(held: boolean, armed: boolean): void;
  /** The reader means it. */
  meant(): void;
}

export class Intent {
  readonly #watched: Watched;
  #state = UNDECIDED;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  get isHeld(): boolean {
    return this.#state.heldSince !== undefined;
  }

  act(act: Act): void {
    const now = performance.now();
    const { state, meant } = deliberate(this.#state, act, now);
    this.#become(state);
    const { heldSince, armedAt } = state;
    const due = heldSince !== undefined ? heldSince + HOLD_MS : (armedAt ?? Infinity) + PATIENCE_MS;
    if (due < Infinity) this.#timer = setTimeout(() => this.act("wait"), Math.ceil(due - now));
    if (meant) this.#watched.meant();
  }

  forget(): void {
    this.#become(UNDECIDED);
  }

  #become(state: typeof UNDECIDED): void {
    clearTimeout(this.#timer);
    this.#state = state;
    this.#watched.changed(this.isHeld, isArmed(state));
  }
}
