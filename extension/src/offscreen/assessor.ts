/** The worker behind a promise: starts it, keeps it alive, asks again what a dead one left unanswered. */

import { Failure } from "../failure";
import { type Exhibit, type Reason, type WorkerReply, type WorkerRequest } from "../messages";
import { Queue, type Turn } from "../queue";
import { type Shape } from "../shape";

interface Case {
  readonly id: number;
  readonly exhibit: Exhibit;
  readonly shape: Shape | undefined;
  readonly resolve: (probability: number) => void;
  readonly reject: (failure: Failure) => void;
  attempts: number;
}

/** One is decoded outside the worker's thread while one is judged, and one is on its way. */
const AT_ONCE = 3;
const MAX_ATTEMPTS = 2;
const PING_MS = 5_000;
/** Long enough for the largest picture on a slow machine; a worker silent for longer is taken for dead. */
const SILENCE_MS = 20_000;
const RESTART_MS = 500;

export class Assessor {
  readonly #cases = new Map<number, Case>();
  readonly #queue = new Queue(AT_ONCE);
  #worker: Worker | undefined;
  #lastSign = 0;
  #nextId = 0;

  constructor() {
    this.#start();
    setInterval(() => this.#check(), PING_MS);
  }

  /** The probability of the class that is covered; rejects with Failure, or with the reason of the turn's signal. */
  judge(exhibit: Exhibit, turn: Turn, shape?: Shape): Promise<number> {
    return this.#queue.run(turn, () => this.#ask(exhibit, shape));
  }

  #ask(exhibit: Exhibit, shape: Shape | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const open = { id: this.#nextId++, exhibit, shape, resolve, reject, attempts: 0 };
      this.#cases.set(open.id, open);
      this.#submit(open);
    });
  }

  #start(): void {
    this.#lastSign = Date.now();
    const worker = new Worker("worker.js");
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#hear(data);
    worker.onerror = () => this.#restart(worker);
    this.#worker = worker;
  }

  #restart(dead: Worker): void {
    if (this.#worker !== dead) return;
    dead.terminate();
    this.#worker = undefined;
    setTimeout(() => {
      this.#start();
      for (const open of this.#cases.values()) this.#submit(open);
    }, RESTART_MS);
  }

  #submit(open: Case): void {
    if (this.#worker === undefined) return;
    if (++open.attempts > MAX_ATTEMPTS) this.#fail(open.id, "crashed");
    // Cloned, not transferred: another worker may have to be asked.
    else this.#post(requestOf(open));
  }

  #post(request: WorkerRequest): void {
    this.#worker?.postMessage(request);
  }

  #hear(reply: WorkerReply): void {
    this.#lastSign = Date.now();
    if (reply.type === "judged") this.#close(reply.id)?.resolve(reply.probability);
    else if (reply.type === "failed") this.#fail(reply.id, reply.reason);
  }

  #fail(id: number, reason: Reason): void {
    this.#close(id)?.reject(new Failure(reason));
  }

  #close(id: number): Case | undefined {
    const open = this.#cases.get(id);
    this.#cases.delete(id);
    return open;
  }

  #check(): void {
    const worker = this.#worker;
    if (worker === undefined || this.#cases.size === 0) {
      this.#lastSign = Date.now();
    } else if (Date.now() - this.#lastSign > SILENCE_MS) {
      this.#restart(worker);
    } else {
      this.#post({ type: "ping" });
    }
  }
}

function requestOf({ id, exhibit, shape }: Case): WorkerRequest {
  return { type: "judge", id, exhibit, ...(shape === undefined ? {} : { shape }) };
}
