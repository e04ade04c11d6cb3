/** Verdicts in memory: the same picture is asked once, also while the first answer is still on its way. */

import { type Source, type Verdict } from "../messages";

interface Entry {
  readonly verdict: Promise<Verdict>;
  readonly until: number;
}

export class Verdicts {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  readonly #lifetime: number;
  readonly #now: () => number;

  /** `lifetime` in ms: a URL may serve another picture tomorrow. */
  constructor(capacity = 5000, lifetime = 10 * 60_000, now = Date.now) {
    this.#capacity = capacity;
    this.#lifetime = lifetime;
    this.#now = now;
  }

  /** The known verdict, or that of `judge`, which is kept unless it is an error. */
  get(key: string, judge: () => Promise<Verdict>): Promise<Verdict> {
    const known = this.#entries.get(key);
    // Taken out and put back: a Map keeps the order of insertion, so the first entry is the one longest unused.
    this.#entries.delete(key);
    const entry = known !== undefined && known.until > this.#now() ? known : this.#ask(key, judge);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
    return entry.verdict;
  }

  #ask(key: string, judge: () => Promise<Verdict>): Entry {
    const entry = { verdict: judge(), until: this.#now() + this.#lifetime };
    void entry.verdict.then(({ kind }) => {
      if (kind === "error" && this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry;
  }
}

/** An address stands for itself, everything else for its bytes: those cannot change under the key. */
export async function keyOf(source: Source): Promise<string> {
  if (source.kind === "url" && !source.url.startsWith("data:")) return source.url;
  const text = source.kind === "url" ? source.url : source.base64;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return String.fromCharCode(...digest);
}
