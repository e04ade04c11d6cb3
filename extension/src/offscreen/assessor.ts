/** The worker behind a promise: starts it, keeps it alive, asks again what a dead one left unanswered. */

import { type BackendName } from "../backend_names";
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
  /** Told when a backend other than wasm has broken; wasm goes on. */
  onBroken: () => void = () => undefined;
  readonly #cases = new Map<number, Case>();
  readonly #queue = new Queue(AT_ONCE);
  #backend: BackendName = "wasm";
  #worker: Worker | undefined;
  #lastSign = 0;
  #lastCase = Date.now();
  #nextId = 0;

  constructor() {
    this.#become(this.#start("wasm"));
    setInterval(() => this.#check(), PING_MS);
  }

  /** The probability of the class that is covered; rejects with Failure, or with the reason of the turn's signal. */
  judge(exhibit: Exhibit, turn: Turn, shape?: Shape): Promise<number> {
    return this.#queue.run(turn, () => this.#ask(exhibit, shape));
  }

  /** Resolves when nothing has been judged for so long. */
  idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const left = this.#cases.size > 0 ? ms : this.#lastCase + ms - Date.now();
        if (left <= 0) resolve();
        else setTimeout(look, left);
      };
      look();
    });
  }

  /** Judges on another backend as soon as that has loaded the model; until then, and when it cannot, as before. */
  use(backend: BackendName): void {
    if (backend === this.#backend) return;
    const worker = this.#start(backend);
    worker.onerror = () => {
      worker.terminate();
      this.onBroken();
    };
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      if (data.type !== "loaded" || !data.usable) return worker.onerror?.(new ErrorEvent("error"));
      this.#worker?.terminate();
      this.#backend = backend;
      this.#become(worker);
      for (const open of this.#cases.values()) this.#post(requestOf(open));
    };
  }

  #ask(exhibit: Exhibit, shape: Shape | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const open = { id: this.#nextId++, exhibit, shape, resolve, reject, attempts: 0 };
      this.#lastCase = Date.now();
      this.#cases.set(open.id, open);
      this.#submit(open);
    });
  }

  #start(backend: BackendName): Worker {
    if (backend === "wasm") return new Worker("worker.js");
    return new Worker(`graphics.js?backend=${backend}`, { type: "module" });
  }

  #become(worker: Worker): void {
    this.#lastSign = Date.now();
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#hear(data);
    worker.onerror = () => this.#restart(worker);
    this.#worker = worker;
  }

  #restart(dead: Worker): void {
    if (this.#worker !== dead) return;
    dead.terminate();
    this.#worker = undefined;
    if (this.#backend !== "wasm") this.onBroken();
    this.#backend = "wasm";
    setTimeout(() => {
      this.#become(this.#start("wasm"));
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
