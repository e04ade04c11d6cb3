/**
 * Verdicts of this document by address. Within one document the browser, too, loads an address once, and a picture that
 * a page takes out and puts in again is shown in the same frame, which no question to elsewhere could do.
 */

import { type Verdict } from "../messages";

const CAPACITY = 2_000;

export class Known {
  readonly #verdicts = new Map<string, Verdict>();

  get(url: string): Verdict | undefined {
    return this.#verdicts.get(url);
  }

  set(url: string, verdict: Verdict): void {
    // Another try may go better; and the bytes of data: addresses are not worth keeping.
    if (verdict.kind === "error" || url.startsWith("data:")) return;
    this.#verdicts.delete(url);
    this.#verdicts.set(url, verdict);
    if (this.#verdicts.size > CAPACITY) this.#verdicts.delete(this.#verdicts.keys().next().value!);
  }

  forget(url: string): void {
    this.#verdicts.delete(url);
  }

  /** Another strictness holds. */
  clear(): void {
    this.#verdicts.clear();
  }
}
