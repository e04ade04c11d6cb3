/**
 * Pictures that a page shows otherwise than in a picture element (by CSS, as a poster, in a filter): each is looked at
 * once in a document, however many want it, and again after a failure that may pass.
 */

import { type Verdict, failed } from "../messages";
import { validatorOf } from "../shape";
import { addressOf } from "./address";
import { type Desk } from "./desk";
import { type Question } from "./line";
import { type Size } from "./size";
import { sourceOf } from "./source";
import { Twin } from "./twin";

/** Who wants a picture; told when something about it has become known. */
export interface Wanting {
  readonly near: boolean;
  learnt(): void;
  /** Whether a picture of this own size needs a verdict. */
  needs(size: Size): boolean;
}

export class SharedPicture {
  readonly url: string;
  readonly #desk: Desk;
  readonly #wanting = new Set<Wanting>();
  readonly #twin: Twin;
  #question: Question | undefined;
  address: string | undefined;
  size: Size | undefined;
  verdict: Verdict | undefined;

  constructor(url: string, desk: Desk) {
    this.url = url;
    this.#desk = desk;
    this.verdict = desk.known.get(url);
    this.#twin = new Twin(() => this.#loaded());
    void addressOf(url).then((address) => this.#name(address));
    this.#twin.follow(url);
  }

  get validator(): string {
    return this.size === undefined ? "" : validatorOf(this.size);
  }

  join(wanting: Wanting): void {
    this.#wanting.add(wanting);
    this.ask();
  }

  /** False when nobody wants it any more. */
  leave(wanting: Wanting): boolean {
    this.#wanting.delete(wanting);
    if (this.#wanting.size > 0) return true;
    this.#question?.cancel();
    this.#question = undefined;
    this.#desk.again.leave(this);
    return false;
  }

  /** Asks for the verdict once somebody needs it and the picture is there. */
  ask(): void {
    const { size, address } = this;
    if (this.verdict !== undefined || this.#question !== undefined) return this.hurry();
    if (size === undefined || address === undefined || ![...this.#wanting].some((one) => one.needs(size))) return;
    const source = (side: number, signal: AbortSignal) => sourceOf(this.#twin.image, this.url, side, signal);
    const question = this.#desk.line.judge({ address, validator: this.validator, urgent: this.#isNear(), source });
    this.#question = question;
    void question.verdict.then((verdict) => {
      if (question === this.#question) this.#conclude(verdict);
    });
  }

  hurry(): void {
    this.#question?.hurry(this.#isNear());
  }

  /** Asks again: another try may go better, or another strictness holds. */
  again(): void {
    // So it does once, whoever says so first of those who want it.
    if (this.verdict === undefined) return;
    this.verdict = undefined;
    this.#desk.again.leave(this);
    if (this.size === undefined) {
      this.#twin.follow("");
      this.#twin.follow(this.url);
    } else {
      this.ask();
    }
    this.#tell();
  }

  /** The reader's word. */
  overrule(verdict: "reveal" | "cover" | undefined): void {
    if (this.address === undefined) return;
    this.#desk.line.overrule(this.address, this.validator, verdict);
    if (verdict !== undefined) this.#conclude({ kind: verdict });
  }

  #isNear(): boolean {
    return [...this.#wanting].some(({ near }) => near);
  }

  #name(address: string): void {
    this.address = address;
    this.ask();
  }

  #loaded(): void {
    const { naturalWidth: width, naturalHeight: height } = this.#twin.image;
    if (width === 0) return this.verdict === undefined ? this.#conclude(failed("notLoaded")) : undefined;
    this.size = { width, height };
    this.#tell();
    this.ask();
  }

  #conclude(verdict: Verdict): void {
    this.#question = undefined;
    this.verdict = verdict;
    this.#desk.known.set(this.url, verdict);
    if (verdict.kind === "error") this.#desk.again.later(this, this.url, verdict.reason, () => this.again());
    this.#tell();
  }

  #tell(): void {
    for (const wanting of [...this.#wanting]) wanting.learnt();
  }
}

export class SharedPictures {
  readonly #pictures = new Map<string, SharedPicture>();

  join(url: string, desk: Desk, wanting: Wanting): SharedPicture {
    let picture = this.#pictures.get(url);
    if (picture === undefined) {
      picture = new SharedPicture(url, desk);
      this.#pictures.set(url, picture);
    }
    picture.join(wanting);
    return picture;
  }

  leave(picture: SharedPicture, wanting: Wanting): void {
    if (!picture.leave(wanting)) this.#pictures.delete(picture.url);
  }
}
