/** The picture that stands before a video until it plays. */

import { type Verdict, failed } from "../messages";
import { validatorOf } from "../shape";
import { type Desk } from "./desk";
import { type Question } from "./line";
import { sourceOf } from "./source";
import { addressOf } from "./address";
import { Twin } from "./twin";

export class Poster {
  readonly #desk: Desk;
  readonly #onVerdict: () => void;
  readonly #twin = new Twin(() => void this.#judge());
  #question: Question | undefined;
  url = "";
  verdict: Verdict | undefined;

  constructor(desk: Desk, onVerdict: () => void) {
    this.#desk = desk;
    this.#onVerdict = onVerdict;
  }

  /** Judges the picture of an address, unless that has been done; "" for none. */
  follow(url: string): void {
    if (url === this.url) return;
    this.stop();
    this.url = url;
    this.#twin.follow(url);
    if (url !== "") void this.#judge();
  }

  stop(): void {
    this.#question?.cancel();
    this.#question = undefined;
    this.#twin.follow("");
    this.url = "";
    this.verdict = undefined;
  }

  async #judge(): Promise<void> {
    const { url } = this;
    const { image } = this.#twin;
    if (!image.complete || image.currentSrc === "") return;
    if (image.naturalWidth === 0) return this.#keep(failed("notLoaded"));
    const known = this.#desk.known.get(url);
    if (known !== undefined) return this.#keep(known);
    const address = await addressOf(url);
    if (url !== this.url || this.#question !== undefined) return;
    const question = this.#desk.line.judge({
      address,
      validator: validatorOf({ width: image.naturalWidth, height: image.naturalHeight }),
      urgent: true,
      source: (size, signal) => sourceOf(image, url, size, signal),
    });
    this.#question = question;
    const verdict = await question.verdict;
    if (question !== this.#question) return;
    this.#desk.known.set(url, verdict);
    this.#keep(verdict);
  }

  #keep(verdict: Verdict): void {
    this.verdict = verdict;
    this.#onVerdict();
  }
}
