/**
 * Who is served next: urgent ones first, each kind in the order in which they came.
 *
 * p-queue does nearly this, but a task aborted while it waits stays in its line (sindresorhus/p-queue#219).
 */

/** A task's place in line; its owner may change `urgent` while it waits (and then calls `reconsider`). */
export interface Turn {
  urgent: boolean;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly turn: Turn;
  readonly begin: () => void;
}

export class Queue {
  readonly #limit: number;
  readonly #patientLimit: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;
  #patient = 0;

  /** At most `limit` tasks run at once, at most `patientLimit` of which were not urgent when they began. */
  constructor(limit: number, patientLimit = limit) {
    this.#limit = limit;
    this.#patientLimit = patientLimit;
  }

  /** Rejects with the signal's reason when it is aborted before the task began; afterwards the task has to listen. */
  run<T>(turn: Turn, task: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = turn;
      if (signal.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve(this.#run(turn.urgent, task));
      };
      const waiting = { turn, begin };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiting);
      this.reconsider();
    });
  }

  /** To be called when a turn has become urgent: there may be a place for it now. */
  reconsider(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.delete(next);
      next.begin();
    }
  }

  #next(): Waiting | undefined {
    if (this.#running >= this.#limit) return undefined;
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.turn.urgent) return waiting;
      first ??= waiting;
    }
    return this.#patient < this.#patientLimit ? first : undefined;
  }

  async #run<T>(urgent: boolean, task: () => Promise<T>): Promise<T> {
    this.#running++;
    if (!urgent) this.#patient++;
    try {
      return await task();
    } finally {
      this.#running--;
      if (!urgent) this.#patient--;
      this.reconsider();
    }
  }
}
