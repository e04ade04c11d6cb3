/** Does what the reader has chosen, and knows what there is to choose from next. */

import { type Policy, type Report, type Says } from "../../messages";
import { type Subject, type Subjects } from "../subjects";
import { type History, type Offer, type View, canBeReported, viewOf } from "./offers";

interface Kept {
  /** A history is about the pictures that the subject showed then. */
  readonly pictures: string;
  readonly history: History;
}

const NONE: History = {};
const picturesOf = ({ addresses }: Subject): string => addresses.join("\n");

export class Decisions {
  readonly #subjects: Subjects;
  readonly #histories = new WeakMap<Subject, Kept>();
  policy: Policy;
  /** Has something to do before it can be what the reader wants. */
  #busy: Subject | undefined;
  /** May be undone with one click, as long as the reader has not turned to anything else. */
  #justHid: Subject | undefined;

  constructor(subjects: Subjects, policy: Policy) {
    this.#subjects = subjects;
    this.policy = policy;
  }

  view(subject: Subject): View | undefined {
    const { state, reason, addresses } = subject;
    if (state === "pending" && this.#busy === subject) return { says: { kind: "wait" }, offers: [] };
    const justHid = this.#justHid === subject;
    return viewOf({ state, reason, addresses, history: this.#history(subject), policy: this.policy, justHid });
  }

  choose(offer: Offer, subject: Subject): void {
    switch (offer) {
      case "show":
        return this.reveal(subject);
      case "retry":
        this.#busy = subject;
        return this.#subjects.retry(subject);
      case "undo":
        this.#histories.delete(subject);
        return this.#subjects.reveal(subject);
      case "hideAgain":
        this.#busy = subject;
        return this.#subjects.hide(subject);
      case "reportHarmless":
        return this.#report(subject, "harmless");
      case "reportTriggering":
        return this.#report(subject, "triggering");
    }
  }

  reveal(subject: Subject): void {
    const { state } = subject;
    if (state !== "covered" && state !== "hidden") return;
    const { hid } = this.#history(subject);
    this.#add(subject, { revealedFrom: hid === true ? "ownHide" : state });
    this.#subjects.reveal(subject);
  }

  hide(subject: Subject): void {
    // About one that the model covers itself there is nothing to tell it.
    if (subject.state === "shown" || subject.state === "tiny") this.#add(subject, { hid: true });
    this.#justHid = subject;
    this.#subjects.hide(subject);
  }

  /** The reader has left the pill of a picture. */
  turnedAway(): void {
    this.#justHid = undefined;
  }

  #report(subject: Subject, says: Says): void {
    this.#add(subject, { reported: says });
    for (const address of subject.addresses.filter(canBeReported)) {
      const report: Report = { type: "report", address, says };
      // Rejected where the extension was updated under this page: nobody is there to take it.
      void chrome.runtime?.sendMessage?.(report).catch(() => undefined);
    }
  }

  #history(subject: Subject): History {
    const kept = this.#histories.get(subject);
    return kept?.pictures === picturesOf(subject) ? kept.history : NONE;
  }

  #add(subject: Subject, more: History): void {
    const history = { ...this.#history(subject), ...more };
    this.#histories.set(subject, { pictures: picturesOf(subject), history });
  }
}
