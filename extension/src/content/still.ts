/** Attends to an element that shows one still picture at a time. */

import { type Verdict, failed } from "../messages";
import { validatorOf } from "../shape";
import { Attended } from "./attended";
import { addressOf } from "./address";
import { type Desk, type Styled } from "./desk";
import { type Question } from "./line";
import { isTiny } from "./size";
import { addressAlone, sourceOf } from "./source";

/** The `<img>` whose picture the element shows, itself or a twin; undefined when it holds no picture at all. */
export type PictureOf = (settled: () => void) => () => HTMLImageElement | undefined;

interface Answer {
  readonly url: string;
  readonly address: string;
  readonly verdict: Verdict;
}

export class Still extends Attended {
  readonly #picture: () => HTMLImageElement | undefined;
  /** The file that has been or is being judged, as the browser names it; empty while there is none. */
  #url = "";
  #question: Question | undefined;
  /** In or near the viewport, when it was last seen. */
  #near = false;
  #last: Answer | undefined;

  constructor(element: Styled, desk: Desk, pictureOf: PictureOf) {
    super(element, desk);
    this.#picture = pictureOf(() => this.settled());
  }

  changed(): void {
    this.reset();
    this.settled();
  }

  override rechosen(): void {
    if (this.#url !== "" && this.#picture()?.currentSrc !== this.#url) this.changed();
  }

  override again(): void {
    this.#last = undefined;
    this.changed();
  }

  /** Judges the picture, unless that has been done; one still loading will be heard of again. */
  settled(): void {
    if (!this.desk.policy.on) return;
    const image = this.#picture();
    if (image === undefined) return this.holdsNothing();
    const url = image.currentSrc;
    if (url !== "" && url === this.#url) return;
    // One that has just been told what to load may have no address yet.
    if (!image.complete) return this.#watch();
    if (url === "") return;
    this.#drop();
    this.addresses = [];
    this.become("pending");
    this.#url = url;
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    this.validator = validatorOf(size);
    if (size.width === 0) this.#fail();
    else if (isTiny(size)) this.#measure(image, url);
    else void this.#judge(image, url);
  }

  protected stop(): void {
    this.#drop();
    this.desk.sight.leave(this.element);
  }

  /** Ends what was begun for one picture; another one may be on its way already. */
  #drop(): void {
    this.#url = "";
    this.#question?.cancel();
    this.#question = undefined;
    this.desk.sizes.leave(this.element);
    this.desk.again.leave(this);
  }

  /** From when the picture is on its way, so that whether it is urgent is known when it is there. */
  #watch(): void {
    this.desk.sight.watch(this.element, (near) => {
      this.#near = near;
      this.#question?.hurry(near);
    });
  }

  #fail(): void {
    this.addresses = [this.#url];
    this.desk.sight.leave(this.element);
    this.conclude(failed("notLoaded"));
    // The next `load` may go better.
    this.#url = "";
  }

  /** Told between layout and paint: a tiny one, shown unjudged, is hidden before its larger box is seen. */
  #measure(image: HTMLImageElement, url: string): void {
    this.addresses = [url];
    this.desk.sight.leave(this.element);
    this.desk.sizes.watch(this.element, (size) => {
      if (isTiny(size)) return this.become("tiny");
      this.desk.sizes.leave(this.element);
      this.become("pending");
      void this.#judge(image, url);
    });
  }

  async #judge(image: HTMLImageElement, url: string): Promise<void> {
    const known = this.#last?.url === url ? this.#last.verdict : this.desk.known.get(url);
    const address = this.#last?.url === url ? this.#last.address : addressOf(url);
    this.addresses = [typeof address === "string" ? address : await address];
    // Meanwhile the element may have got another picture, which then has a question of its own, or this one again.
    if (url !== this.#url || this.#question !== undefined) return;
    if (known !== undefined) this.#keep(url, known);
    else this.#ask(image, url);
  }

  #ask(image: HTMLImageElement, url: string): void {
    const { line } = this.desk;
    const picture = { address: this.addresses[0]!, validator: this.validator };
    const source = (size: number, signal: AbortSignal) => sourceOf(image, url, size, signal);
    const question = line.judge({ ...picture, urgent: this.#near, source, ready: addressAlone(image, url) });
    this.#question = question;
    this.#watch();
    void question.verdict.then((verdict) => {
      if (question !== this.#question) return;
      this.#question = undefined;
      if (image.currentSrc !== url || !image.complete) return this.changed();
      this.desk.known.set(url, verdict);
      this.#keep(url, verdict);
    });
  }

  #keep(url: string, verdict: Verdict): void {
    this.desk.sight.leave(this.element);
    if (verdict.kind !== "error") this.#last = { url, address: this.addresses[0]!, verdict };
    this.conclude(verdict);
    if (verdict.kind !== "error") return;
    // Another try may go better.
    this.#url = "";
    this.desk.again.later(this, url, verdict.reason, () => this.again());
  }
}
