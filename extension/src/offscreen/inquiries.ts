/**
 * Who asks about which picture: the same picture is judged once, across frames and tabs, also while the first answer
 * is on its way. The first asker hands over the source; when it cancels, the next one does.
 */

import { type Bundle } from "../bundle";
import { Failure } from "../failure";
import { type Picture, type Source, type Strictness, type Verdict, failed } from "../messages";
import { type Turn } from "../queue";
import { type Evidence, type Finding } from "./examine";
import { type Known, type Memory, type Word, nameOf } from "./memory";

export interface Asker {
  readonly strictness: Strictness;
  /** In a private window: nothing goes to the disk. */
  readonly secret: boolean;
  /** Address of the frame that asks. */
  readonly page: string;
  urgent: boolean;
  /** Nobody remembers the picture: the source is wanted. */
  want(): void;
  answer(verdict: Verdict): void;
}

/** Rejects with Failure, or when the turn is over. */
export type Examine = (evidence: Evidence, turn: Turn) => Promise<Finding>;

interface Inquiry {
  readonly picture: Picture;
  readonly key: string;
  readonly askers: Set<Asker>;
  /** The asker whose source is used; undefined until the memory has answered. */
  lead: Asker | undefined;
  /** The source has come and is looked at. */
  examining: boolean;
  readonly turn: Turn;
  readonly stop: AbortController;
}

export class Inquiries {
  readonly #byKey = new Map<string, Inquiry>();
  #unnamed = 0;
  readonly #byAsker = new Map<Asker, Inquiry>();

  /** `hurried` is called whenever a turn has become urgent. */
  constructor(
    readonly bundle: Bundle,
    readonly memory: Memory,
    readonly examine: Examine,
    readonly hurried: () => void,
  ) {}

  /** Ends with one `answer` to the asker, unless it cancels. */
  ask(picture: Picture, asker: Asker): void {
    // Without an address nobody else can mean the same picture.
    const key = picture.address === "" ? ` ${this.#unnamed++}` : nameOf(picture);
    const open = this.#byKey.get(key);
    const inquiry = open ?? newInquiry(picture, key);
    inquiry.askers.add(asker);
    this.#byAsker.set(asker, inquiry);
    this.#byKey.set(key, inquiry);
    if (open === undefined) void this.#recall(inquiry);
    else this.#weigh(inquiry);
  }

  /** The answer to `want`; a source that nobody waits for any more is ignored. */
  async hand(asker: Asker, source: Source): Promise<void> {
    const inquiry = this.#byAsker.get(asker);
    if (inquiry === undefined || inquiry.lead !== asker || inquiry.examining) return;
    inquiry.examining = true;
    try {
      const { probability, fleeting } = await this.examine({ source, picture: inquiry.picture, page: asker.page }, inquiry.turn);
      if (this.#byKey.get(inquiry.key) !== inquiry) return;
      const secret = [...inquiry.askers].some((asker) => asker.secret);
      this.memory.keep(inquiry.picture, probability, { fleeting, secret });
      this.#close(inquiry, probability);
    } catch (error) {
      if (this.#byKey.get(inquiry.key) !== inquiry) return;
      // A source can end with the page it came from.
      if (!inquiry.askers.has(asker)) this.#lead(inquiry);
      else this.#end(inquiry, () => failed(error instanceof Failure ? error.reason : "crashed"));
    }
  }

  hurry(asker: Asker, urgent: boolean): void {
    asker.urgent = urgent;
    const inquiry = this.#byAsker.get(asker);
    if (inquiry !== undefined) this.#weigh(inquiry);
  }

  cancel(asker: Asker): void {
    const inquiry = this.#byAsker.get(asker);
    if (inquiry === undefined) return;
    this.#byAsker.delete(asker);
    inquiry.askers.delete(asker);
    if (inquiry.askers.size === 0) {
      this.#byKey.delete(inquiry.key);
      inquiry.stop.abort();
      return;
    }
    this.#weigh(inquiry);
    if (inquiry.lead === asker && !inquiry.examining) this.#lead(inquiry);
  }

  overrule(picture: Picture, word: Word | undefined, secret: boolean): void {
    this.memory.overrule(picture, word, secret);
    const open = this.#byKey.get(nameOf(picture));
    if (open !== undefined && word !== undefined) this.#close(open, word);
  }

  async #recall(inquiry: Inquiry): Promise<void> {
    const known = await this.memory.recall(inquiry.picture);
    if (this.#byKey.get(inquiry.key) !== inquiry) return;
    if (known !== undefined) return this.#close(inquiry, known);
    this.#weigh(inquiry);
    this.#lead(inquiry);
  }

  #lead(inquiry: Inquiry): void {
    inquiry.examining = false;
    [inquiry.lead] = inquiry.askers;
    inquiry.lead?.want();
  }

  #weigh({ turn, askers }: Inquiry): void {
    const before = turn.urgent;
    turn.urgent = [...askers].some(({ urgent }) => urgent);
    if (turn.urgent && !before) this.hurried();
  }

  #close(inquiry: Inquiry, known: Known): void {
    this.#end(inquiry, ({ strictness }) =>
      typeof known === "number"
        ? { kind: known < this.bundle.thresholds[strictness] ? "reveal" : "cover" }
        : { kind: known },
    );
  }

  #end(inquiry: Inquiry, verdictFor: (asker: Asker) => Verdict): void {
    this.#byKey.delete(inquiry.key);
    inquiry.stop.abort();
    for (const asker of inquiry.askers) {
      this.#byAsker.delete(asker);
      asker.answer(verdictFor(asker));
    }
  }
}

function newInquiry(picture: Picture, key: string): Inquiry {
  const stop = new AbortController();
  const turn = { urgent: false, signal: stop.signal };
  return { picture, key, askers: new Set(), lead: undefined, examining: false, turn, stop };
}
