/** The line to the offscreen document. While it is down, questions wait; their pictures stay hidden. */

import {
  type Answer,
  type Awake,
  type Judge,
  PICTURES_PORT,
  type Source,
  type Verdict,
  type Wake,
  failed,
} from "../messages";
import { letGoForGood } from "./hold";

interface Question {
  readonly request: Judge;
  readonly resolve: (verdict: Verdict) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Wakes the service worker, which covers this frame with the user style sheet and opens the offscreen document.
 * Rejects when there is no service worker to wake, or not yet.
 */
export async function wake(): Promise<void> {
  const message: Wake = { type: "wake" };
  const { covered }: Awake = await chrome.runtime.sendMessage(message);
  if (covered) letGoForGood();
}

/** False once the extension was updated or removed under this page: nothing can be asked any more. */
const isConnected = (): boolean => chrome.runtime?.id !== undefined;

export class Line {
  readonly #questions = new Map<number, Question>();
  #port: chrome.runtime.Port | undefined;
  #retryMs = FIRST_RETRY_MS;
  #nextId = 0;
  #sizeKnown!: (size: number) => void;
  #connecting = false;
  /** Side length of the model's input; 0 when there is no model. */
  readonly #size = new Promise<number>((resolve) => (this.#sizeKnown = resolve));

  size(): Promise<number> {
    void this.#connect();
    return this.#size;
  }

  ask(source: Source): Promise<Verdict> {
    return new Promise((resolve) => {
      const request: Judge = { type: "judge", id: this.#nextId++, source };
      this.#questions.set(request.id, { request, resolve });
      if (this.#port !== undefined) this.#send(request);
      else void this.#connect();
    });
  }

  async #connect(): Promise<void> {
    if (this.#port !== undefined || this.#connecting) return;
    this.#connecting = true;
    try {
      await wake();
      this.#open();
    } catch {
      this.#retry();
    } finally {
      this.#connecting = false;
    }
  }

  #open(): void {
    const port = chrome.runtime.connect({ name: PICTURES_PORT });
    this.#port = port;
    port.onMessage.addListener((answer: Answer) => this.#hear(answer));
    port.onDisconnect.addListener(() => {
      // Reading it keeps Chrome from logging an unchecked error on the page.
      void chrome.runtime?.lastError;
      this.#port = undefined;
      this.#retry();
    });
    for (const { request } of this.#questions.values()) this.#send(request);
  }

  #retry(): void {
    if (!isConnected()) {
      this.#sizeKnown(0);
      for (const id of [...this.#questions.keys()]) this.#close(id, failed("outdated"));
    } else {
      setTimeout(() => void this.#connect(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    }
  }

  #send(request: Judge): void {
    try {
      this.#port?.postMessage(request);
    } catch {
      this.#port = undefined;
      this.#retry();
    }
  }

  #hear(answer: Answer): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (answer.type === "ready") this.#sizeKnown(answer.size);
    else this.#close(answer.id, answer.verdict);
  }

  #close(id: number, verdict: Verdict): void {
    this.#questions.get(id)?.resolve(verdict);
    this.#questions.delete(id);
  }
}
