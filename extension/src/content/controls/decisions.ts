/** Does what the reader has chosen, and knows what there is to choose from next. */

import { type Policy, type Report, type Says } from "../../messages";
import { type Subject, type Subjects } from "../subjects";
import { type History, type Offer, type View, canBeReported, viewOf } from "./offers";
import { isShutOut } from "./overlay";

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
    const history = this.#history(subject);
    const view = viewOf({ state, reason, addresses, history, policy: this.policy, justHid });
    return view !== undefined && isShutOut() ? { says: { kind: "shutOut" }, offers: [] } : view;
  }

  choose(offer: Offer, subject: Subject): void {
    this.#busy = subject;
    switch (offer) {
      case "show":
      case "undo":
        return this.reveal(subject);
      case "retry":
        return this.#subjects.retry(subject);
      case "hideAgain":
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
    // One that the reader has hidden is then what it was before.
    if (this.#history(subject).hid === true) this.#histories.delete(subject);
    else this.#add(subject, { revealedFrom: state });
    this.#subjects.reveal(subject);
  }

  hide(subject: Subject): void {
    const { state } = subject;
    if (state === "covered" || state === "hidden") return;
    // Of one that was covered before there is nothing new to say.
    if (state !== "revealed") {
      this.#add(subject, { hid: true });
      this.#justHid = subject;
    }
    this.#busy = subject;
    this.#subjects.hide(subject);
  }

  /** The reader has left the pill of a picture. */
  turnedAway(): void {
    this.#justHid = undefined;
  }

  #report(subject: Subject, says: Says): void {
    this.#add(subject, { reported: says });
    for (const address of subject.addresses.filter(canBeReported)) {
      void send({ type: "report", address, says });
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

async function send(report: Report): Promise<void> {
  try {
    await chrome.runtime.sendMessage(report);
  } catch {
    // The extension was updated under this page: nobody is there to take it.
  }
}
