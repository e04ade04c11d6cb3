/** The line to the offscreen document. While it is down, questions wait; their pictures stay hidden. */

import {
  type Awake,
  type FromOffscreen,
  PICTURES_PORT,
  type Picture,
  type Source,
  type Strictness,
  type ToOffscreen,
  type Verdict,
  type Wake,
  failed,
} from "../messages";

export interface Asked extends Picture {
  /** In or near the viewport: judged before all that are not. */
  readonly urgent: boolean;
  /**
   * Called when nobody remembers the picture, again after a break of the line, never once the question is over.
   * `size` is the side of the model's input. Undefined: the picture is too large to be passed on.
   */
  readonly source: (size: number, signal: AbortSignal) => Promise<Source | undefined>;
  /** The same where it takes no work to make: sent along with the question. */
  readonly ready?: Source | undefined;
}

export interface Question {
  /** Never rejects; stays open for good once the question was cancelled. */
  readonly verdict: Promise<Verdict>;
  hurry(urgent: boolean): void;
  /** The picture is not on the page any more: nobody fetches or judges it for this question. */
  cancel(): void;
}

interface Open {
  readonly id: number;
  readonly asked: Asked;
  readonly resolve: (verdict: Verdict) => void;
  readonly over: AbortController;
  urgent: boolean;
  /** The source is being made. */
  making: boolean;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Wakes the service worker, which covers this frame with the user style sheet and opens the offscreen document.
 * Rejects when there is no service worker to wake, or not yet.
 */
function wake(covered: boolean): Promise<Awake> {
  const message: Wake = { type: "wake", covered };
  return chrome.runtime.sendMessage(message);
}

/** False once the extension was updated or removed under this page: nothing can be asked any more. */
const isConnected = (): boolean => chrome.runtime?.id !== undefined;

export class Line {
  readonly #onAwake: (awake: Awake) => void;
  /** Sent along with every question. */
  strictness: Strictness = "balanced";
  /** Sent along whenever the service worker is woken: whether the user style sheets lie over this frame. */
  covered = false;
  readonly #questions = new Map<number, Open>();
  /** The reader's words that were said while the line was down. */
  readonly #unsaid: ToOffscreen[] = [];
  #port: chrome.runtime.Port | undefined;
  #size = 0;
  #retryMs = FIRST_RETRY_MS;
  #nextId = 0;
  #connecting = false;
  #retrying = false;

  /** `onAwake` hears of every time that the line is opened, the first included. */
  constructor(onAwake: (awake: Awake) => void) {
    this.#onAwake = onAwake;
  }

  /** Opens the line, also when there is nothing to ask yet. */
  open(): void {
    void this.#connect();
  }

  /** Wakes the service worker once more: what it said may not hold any longer. */
  async wakeAgain(): Promise<void> {
    await wake(this.covered).then(this.#onAwake, () => undefined);
  }

  judge(asked: Asked): Question {
    let resolve!: (verdict: Verdict) => void;
    const verdict = new Promise<Verdict>((found) => (resolve = found));
    const over = new AbortController();
    const open: Open = { id: this.#nextId++, asked, resolve, over, urgent: asked.urgent, making: false };
    this.#questions.set(open.id, open);
    if (this.#port === undefined) void this.#connect();
    else this.#ask(open);
    return {
      verdict,
      hurry: (urgent) => this.#hurry(open, urgent),
      cancel: () => this.#cancel(open),
    };
  }

  /** The reader's own word on a picture, which is kept until it is taken back (undefined). */
  overrule(address: string, validator: string, verdict: "reveal" | "cover" | undefined): void {
    const picture = { address, validator };
    const word: ToOffscreen = { type: "overrule", picture, ...(verdict === undefined ? {} : { verdict }) };
    if (this.#port !== undefined) return this.#send(word);
    this.#unsaid.push(word);
    void this.#connect();
  }

  #ask({ id, asked: { address, validator, ready: source }, urgent }: Open): void {
    const { strictness } = this;
    this.#send({ type: "ask", id, picture: { address, validator }, strictness, urgent, ...(source && { source }) });
  }

  #hurry(open: Open, urgent: boolean): void {
    if (open.urgent === urgent) return;
    open.urgent = urgent;
    if (this.#questions.has(open.id)) this.#send({ type: "hurry", id: open.id, urgent });
  }

  #cancel({ id, over }: Open): void {
    over.abort();
    if (this.#questions.delete(id)) this.#send({ type: "cancel", id });
  }

  async #connect(): Promise<void> {
    if (this.#port !== undefined || this.#connecting || this.#retrying) return;
    this.#connecting = true;
    try {
      this.#onAwake(await wake(this.covered));
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
    port.onMessage.addListener((message: FromOffscreen) => this.#hear(message));
    port.onDisconnect.addListener(() => {
      // Reading it keeps Chrome from logging an unchecked error on the page.
      void chrome.runtime?.lastError;
      if (this.#port !== port) return;
      this.#port = undefined;
      this.#retry();
    });
    for (const word of this.#unsaid.splice(0)) this.#send(word);
    for (const open of this.#questions.values()) this.#ask(open);
  }

  #retry(): void {
    if (!isConnected()) {
      for (const open of [...this.#questions.values()]) this.#close(open, failed("outdated"));
    } else if (!this.#retrying) {
      this.#retrying = true;
      setTimeout(() => {
        this.#retrying = false;
        void this.#connect();
      }, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    }
  }

  #send(message: ToOffscreen): void {
    try {
      this.#port?.postMessage(message);
    } catch {
      this.#port = undefined;
      this.#retry();
    }
  }

  #hear(message: FromOffscreen): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (message.type === "ready") {
      this.#size = message.size;
      return;
    }
    const open = this.#questions.get(message.id);
    if (open === undefined) return;
    if (message.type === "verdict") this.#close(open, message.verdict);
    else void this.#make(open);
  }

  async #make(open: Open): Promise<void> {
    if (open.making) return;
    open.making = true;
    try {
      const source = await open.asked.source(this.#size, open.over.signal);
      if (open.over.signal.aborted) return;
      if (source === undefined) this.#refuse(open, failed("tooLarge"));
      else this.#send({ type: "source", id: open.id, source });
    } catch {
      if (!open.over.signal.aborted) this.#refuse(open, failed("crashed"));
    } finally {
      open.making = false;
    }
  }

  /** No source can be made here; whoever else asks about this picture may have more luck. */
  #refuse(open: Open, verdict: Verdict): void {
    this.#send({ type: "cancel", id: open.id });
    this.#close(open, verdict);
  }

  #close(open: Open, verdict: Verdict): void {
    this.#questions.delete(open.id);
    open.over.abort();
    open.resolve(verdict);
  }
}
