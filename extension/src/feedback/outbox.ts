/**
 * Reports that have not been delivered yet. Being offline, closing the browser and a service that is down delay them;
 * nothing waits for them. A report may arrive twice when the browser ends between its delivery and its removal.
 */

import { inTurn } from "../in_turn";
import { type Waiting } from "./report";

/** What became of one try. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The service will never take it. */
  | { readonly kind: "refused" }
  /** Nobody answered, or not now; `after` is the service's own wish in ms. */
  | { readonly kind: "later"; readonly after?: number };

export interface Outbox {
  readonly reports: readonly Waiting[];
  /** Tries in a row that came to nothing. */
  readonly failures: number;
  /** No try before this time, in ms since the epoch. */
  readonly notBefore: number;
  /** Reports given up, by why. */
  readonly lost: { readonly refused: number; readonly tooOld: number; readonly noRoom: number };
}

export const EMPTY: Outbox = { reports: [], failures: 0, notBefore: 0, lost: { refused: 0, tooOld: 0, noRoom: 0 } };

/** At most 2 KB each; the store takes 10 MB. */
export const MOST_REPORTS = 500;
/** What the service takes. */
export const OLDEST_MS = 30 * 24 * 3_600_000;

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
const LONGEST_WISH_MS = 24 * 3_600_000;

/** The outbox with one more report: the last word on a picture replaces what waited, the oldest makes room. */
export function withReport(outbox: Outbox, report: Waiting): Outbox {
  const all = [...outbox.reports.filter(({ url }) => url !== report.url), report];
  const over = Math.max(all.length - MOST_REPORTS, 0);
  return { ...outbox, reports: all.slice(over), lost: { ...outbox.lost, noRoom: outbox.lost.noRoom + over } };
}

/** The outbox without what has become too old to be taken. */
export function withoutOld(outbox: Outbox, now: number): Outbox {
  const reports = outbox.reports.filter(({ at }) => now - at < OLDEST_MS);
  const tooOld = outbox.lost.tooOld + outbox.reports.length - reports.length;
  return { ...outbox, reports, lost: { ...outbox.lost, tooOld } };
}

/** The outbox after a try at one report; `chance` in 0..1 keeps a thousand browsers from coming back at once. */
export function afterTry(outbox: Outbox, tried: Waiting, outcome: Outcome, now: number, chance: number): Outbox {
  if (outcome.kind === "later") {
    const doubled = Math.min(FIRST_WAIT_MS * 2 ** outbox.failures, LONGEST_WAIT_MS);
    const wished = Math.min(outcome.after ?? 0, LONGEST_WISH_MS);
    const wait = Math.max(doubled * (0.5 + chance / 2), wished);
    return { ...outbox, failures: outbox.failures + 1, notBefore: now + wait };
  }
  const reports = outbox.reports.filter(({ url, at, says }) => url !== tried.url || at !== tried.at || says !== tried.says);
  const refused = outbox.lost.refused + (outcome.kind === "refused" ? 1 : 0);
  return { reports, failures: 0, notBefore: 0, lost: { ...outbox.lost, refused } };
}

/** Where the outbox is kept. */
export interface OutboxStore {
  read(): Promise<Outbox>;
  write(outbox: Outbox): Promise<void>;
}

/** Brings reports to the service, one after the other. */
export class Courier {
  readonly #turn = inTurn();
  #round: Promise<void> | undefined;
  #stop = new AbortController();

  constructor(
    readonly store: OutboxStore,
    readonly send: (report: Waiting, signal: AbortSignal) => Promise<Outcome>,
    readonly now: () => number = Date.now,
    readonly chance: () => number = Math.random,
  ) {}

  add(report: Waiting): Promise<void> {
    return this.#change((outbox) => withReport(outbox, report));
  }

  /** Gives up everything that waits, and the try that is under way. */
  empty(): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#change(() => EMPTY);
  }

  /** Tries all reports in turn until one has to wait; `now` disregards how long the last failure asked to wait. */
  deliver(now = false): Promise<void> {
    this.#round ??= this.#deliverAll(now).finally(() => (this.#round = undefined));
    return this.#round;
  }

  async #deliverAll(atOnce: boolean): Promise<void> {
    await this.#change((outbox) => withoutOld(outbox, this.now()));
    const first = await this.store.read();
    if (!atOnce && first.notBefore > this.now()) return;
    for (let outbox = first; outbox.reports.length > 0; outbox = await this.store.read()) {
      const report = outbox.reports[0]!;
      const { signal } = this.#stop;
      const outcome = await this.send(report, signal);
      // Whoever emptied the outbox meanwhile wants to hear of none of this.
      if (signal.aborted) return;
      await this.#change((current) => afterTry(current, report, outcome, this.now(), this.chance()));
      if (outcome.kind === "later") return;
    }
  }

  #change(change: (outbox: Outbox) => Outbox): Promise<void> {
    return this.#turn(async () => this.store.write(change(await this.store.read())));
  }
}
