/** Asks again for pictures that failed for a reason that may pass: later and later, and when the network is back. */

import { type Reason } from "../messages";

/** A host that refuses for good is not asked for ever. */
const AFTER_MS = [5_000, 30_000, 180_000];

const PASSING: ReadonlySet<Reason> = new Set<Reason>(["fetchFailed", "crashed"]);

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly ask: () => void;
}

export class Again {
  readonly #waiting = new Map<object, Waiting>();
  /** How often a subject has been asked for again about which file. */
  readonly #tries = new WeakMap<object, { readonly url: string; readonly count: number }>();

  constructor() {
    addEventListener("online", () => {
      for (const subject of [...this.#waiting.keys()]) this.#ask(subject);
    });
  }

  /** Calls `ask` later, unless the reason is one that stays or the file has failed too often. */
  later(subject: object, url: string, reason: Reason, ask: () => void): void {
    this.leave(subject);
    const tried = this.#tries.get(subject);
    const count = tried?.url === url ? tried.count : 0;
    const delay = AFTER_MS[count];
    if (delay === undefined || !PASSING.has(reason)) return;
    this.#tries.set(subject, { url, count: count + 1 });
    this.#waiting.set(subject, { ask, timer: setTimeout(() => this.#ask(subject), delay) });
  }

  /** The subject shows something else, or nothing any more. */
  leave(subject: object): void {
    clearTimeout(this.#waiting.get(subject)?.timer);
    this.#waiting.delete(subject);
  }

  #ask(subject: object): void {
    const waiting = this.#waiting.get(subject);
    this.leave(subject);
    waiting?.ask();
  }
}
