/** A subject whose picture moves: judged by a frame every so often. */

import { type Verdict, failed } from "../messages";
import { type Rgba } from "../preprocess";
import { Attended } from "./attended";
import { Unreadable, isSame, sourceOfFrame } from "./frame";
import { type Question } from "./line";

/** Covered from the first triggering frame on until none has been for so long: a cover that comes and goes is worse. */
const QUIET_MS = 5_000;

export abstract class Moving extends Attended {
  #question: Question | undefined;
  #frame: Rgba | undefined;
  #verdict: Verdict | undefined;
  #triggeredAt = -Infinity;

  /** Reads what can be seen now, undefined for nothing yet; throws Unreadable. */
  protected abstract read(): Rgba | undefined;
  /** The last frame has been judged. */
  protected abstract judged(verdict: Verdict): void;

  override again(): void {
    this.#frame = undefined;
    super.again();
  }

  protected get isAsking(): boolean {
    return this.#question !== undefined;
  }

  /** What is known of what it shows: undefined before the first answer. */
  protected get sampled(): Verdict | undefined {
    return performance.now() - this.#triggeredAt < QUIET_MS ? { kind: "cover" } : this.#verdict;
  }

  /** A frame that had been judged triggering is seen (again). */
  protected triggered(): void {
    this.#triggeredAt = performance.now();
  }

  /** Judges what can be seen now, and says whether there is anything; the same pixels are not asked about again. */
  protected sample(): boolean {
    if (this.isAsking) return true;
    let frame;
    try {
      frame = this.read();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#keep(failed("unreadable"));
      return true;
    }
    if (frame === undefined) return false;
    if (this.#verdict !== undefined && this.#verdict.kind !== "error" && isSame(this.#frame, frame)) {
      this.#keep(this.#verdict);
      return true;
    }
    this.#frame = frame;
    const source = (size: number) => Promise.resolve(sourceOfFrame(frame, size));
    // Without an address: a memory full of frames would forget the pictures.
    const question = this.desk.line.judge({ address: "", validator: "", urgent: true, source });
    this.#question = question;
    void question.verdict.then((verdict) => {
      if (question !== this.#question) return;
      this.#question = undefined;
      this.#keep(verdict);
    });
    return true;
  }

  /** What was known is not of what can be seen now. */
  protected forgetFrame(): void {
    this.#question?.cancel();
    this.#question = undefined;
    this.#verdict = undefined;
  }

  protected stop(): void {
    this.forgetFrame();
    this.#triggeredAt = -Infinity;
    this.desk.sizes.leave(this.element);
  }

  #keep(verdict: Verdict): void {
    this.#verdict = verdict;
    if (verdict.kind === "cover") this.triggered();
    this.judged(verdict);
  }
}
