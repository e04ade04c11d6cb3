/** What is known about pictures: probabilities and the reader's own words. */

import { type Picture } from "../messages";

/** A probability of the model, or the reader's own word. */
export type Known = number | "reveal" | "cover";

interface Entry {
  readonly known: Known;
  readonly until: number;
}

const MINUTE = 60_000;

export class Memory {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  readonly #lifetime: number;
  readonly #now: () => number;

  /** `lifetime` in ms: an address may serve another picture tomorrow. */
  constructor(capacity = 5000, lifetime = 10 * MINUTE, now = Date.now) {
    this.#capacity = capacity;
    this.#lifetime = lifetime;
    this.#now = now;
  }

  recall(picture: Picture): Known | undefined {
    const key = keyOf(picture);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.#now()) return undefined;
    // Taken out and put back: a Map keeps the order of insertion, so the first entry is the one longest unused.
    this.#entries.set(key, entry);
    return entry.known;
  }

  keep(picture: Picture, probability: number): void {
    this.#set(keyOf(picture), { known: probability, until: this.#now() + this.#lifetime });
  }

  overrule(picture: Picture, verdict: "reveal" | "cover" | undefined): void {
    if (verdict === undefined) this.#entries.delete(keyOf(picture));
    else this.#set(keyOf(picture), { known: verdict, until: Infinity });
  }

  #set(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
  }
}

/** The same for the same picture. */
export const keyOf = ({ address, validator }: Picture): string => `${validator} ${address}`;
