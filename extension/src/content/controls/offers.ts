/** What the pill says of a picture and what it offers to do about it. */

import { type Policy, type Reason, type Says } from "../../messages";
import { type State } from "../subjects";

/** What the reader has done about a subject's present pictures. */
export interface History {
  /** What it was before the reader revealed it. */
  readonly revealedFrom?: "covered" | "hidden";
  /** The reader hid it, although it was shown. */
  readonly hid?: boolean;
  readonly reported?: Says;
}

export type Offer =
  | "show" // asks for a deliberate press
  | "retry"
  | "undo"
  | "hideAgain"
  | "reportHarmless"
  | "reportTriggering";

export type Saying =
  | { readonly kind: "covered" }
  | { readonly kind: "youHid" }
  | { readonly kind: "youRevealed" }
  | { readonly kind: "thanks" }
  | { readonly kind: "wait" } // the reader has chosen, and it is not done yet
  | { readonly kind: "shutOut" } // no button would work in this full screen
  | { readonly kind: "none" } // there is no picture to go to
  | { readonly kind: "hidden"; readonly reason: Reason };

export interface View {
  readonly says: Saying;
  readonly offers: readonly Offer[];
}

export interface Asked {
  readonly state: State;
  readonly reason?: Reason | undefined;
  readonly addresses: readonly string[];
  readonly history: History;
  readonly policy: Policy;
  /** The reader has hidden it this very moment. */
  readonly justHid: boolean;
}

/** Undefined where there is nothing to say: the picture is shown, too small, or not judged yet. */
export function viewOf(asked: Asked): View | undefined {
  switch (asked.state) {
    case "covered":
      return asked.history.hid === true ? viewOfHidden(asked) : { says: { kind: "covered" }, offers: ["show"] };
    case "hidden":
      return viewOfError(asked.reason ?? "crashed");
    case "revealed":
      return viewOfRevealed(asked);
    default:
      return undefined;
  }
}

function viewOfHidden({ justHid, addresses, history, policy }: Asked): View {
  const way: Offer = justHid ? "undo" : "show";
  if (history.reported !== undefined) return { says: { kind: "thanks" }, offers: [way] };
  // Of several pictures nobody can tell which one it was.
  const report = policy.reports && addresses.length === 1 && addresses.every(canBeReported);
  return { says: { kind: "youHid" }, offers: report ? [way, "reportTriggering"] : [way] };
}

function viewOfError(reason: Reason): View {
  return { says: { kind: "hidden", reason }, offers: reason === "outdated" ? ["show"] : ["retry", "show"] };
}

function viewOfRevealed({ addresses, history, policy }: Asked): View {
  if (history.reported !== undefined) return { says: { kind: "thanks" }, offers: ["hideAgain"] };
  // Only a verdict of the model can be called wrong.
  const report = policy.reports && history.revealedFrom === "covered" && addresses.some(canBeReported);
  return { says: { kind: "youRevealed" }, offers: report ? ["hideAgain", "reportHarmless"] : ["hideAgain"] };
}

/** Pictures that are nowhere but on this computer are nobody's business. */
export const canBeReported = (address: string): boolean => /^https?:/.test(address);
