/** The worker behind a promise: starts it, keeps it alive, asks again what a dead one left unanswered. */

import { type Judge, type Source, type Verdict, type WorkerReply, type WorkerRequest, failed } from "../messages";
import { draw } from "./draw";

interface Case {
  readonly request: Judge;
  readonly resolve: (verdict: Verdict) => void;
  attempts: number;
}

const MAX_ATTEMPTS = 2;
const PING_MS = 5_000;
/** Long enough for the largest picture on a slow machine; a worker silent for longer is taken for dead. */
const SILENCE_MS = 20_000;
const RESTART_MS = 500;

export class Assessor {
  readonly #cases = new Map<number, Case>();
  #worker: Worker | undefined;
  #lastSign = 0;
  #nextId = 0;
  #sizeKnown!: (size: number) => void;
  /** Side length of the model's input, 0 without a model. */
  readonly size = new Promise<number>((resolve) => (this.#sizeKnown = resolve));

  constructor() {
    this.#start();
    setInterval(() => this.#check(), PING_MS);
  }

  judge(source: Source): Promise<Verdict> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const open = { request: { type: "judge", id, source }, resolve, attempts: 0 } as const;
      this.#cases.set(id, { ...open });
      this.#submit(this.#cases.get(id)!);
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
    if (++open.attempts > MAX_ATTEMPTS) this.#close(open.request.id, failed("crashed"));
    else this.#post(open.request);
  }

  #post(request: WorkerRequest, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(request, transfer);
  }

  #hear(reply: WorkerReply): void {
    this.#lastSign = Date.now();
    if (reply.type === "loaded") this.#sizeKnown(reply.size);
    else if (reply.type === "verdict") this.#close(reply.id, reply.verdict);
    else if (reply.type === "vector") void this.#drawFor(reply.id, reply.blob);
  }

  async #drawFor(id: number, blob: Blob): Promise<void> {
    try {
      const bitmap = await draw(blob);
      this.#post({ type: "drawn", id, bitmap }, [bitmap]);
    } catch {
      this.#close(id, failed("undecodable"));
    }
  }

  #close(id: number, verdict: Verdict): void {
    this.#cases.get(id)?.resolve(verdict);
    this.#cases.delete(id);
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
