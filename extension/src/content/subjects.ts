/** Subjects: the things on a page that show pictures, each an element or an element's CSS pictures. */

import { type Reason } from "../messages";

/**
 * pending: hidden, nothing is known yet. shown: judged harmless. tiny: too small to be judged. covered: judged
 * triggering, or hidden by the reader. hidden: could not be judged. revealed: the reader wants to see it.
 */
export type State = "pending" | "shown" | "tiny" | "covered" | "hidden" | "revealed";

export interface Subject {
  readonly element: Element;
  /** The pictures that it shows, as the page knows them; the first names it in a report. */
  readonly addresses: readonly string[];
  readonly state: State;
  /** Why it is `hidden`. */
  readonly reason?: Reason | undefined;
  box(): DOMRect;
}

/** All of them in one frame, shadow roots included, and what the reader decides about each. */
export interface Subjects {
  /** The element's own subject, else that of its background. */
  of(element: Element): Subject | undefined;
  /** The topmost at a point of the viewport, also in (closed) shadow roots and under what the page laid over it. */
  at(x: number, y: number): Subject | undefined;
  /** Covered and hidden ones, in document order. */
  notShown(): Subject[];
  /** Lasts while this subject shows the same pictures. */
  reveal(subject: Subject): void;
  /** Lasts: the picture stays covered wherever it comes up again. */
  hide(subject: Subject): void;
  /** Asks again about one that could not be judged. */
  retry(subject: Subject): void;
  /** Called whenever the state of a subject has changed, and when it has left the document (then `of` misses it). */
  onChange(listener: (subject: Subject) => void): void;
}

/** A subject as those who look after it hand it to the registry. */
export interface Entry extends Subject {
  /** An element can show a picture of its own and others by CSS. */
  readonly layer: "own" | "back";
  reveal(): void;
  hide(): void;
  retry(): void;
  /** Another strictness or another cover style holds: look at everything again. */
  again(): void;
  /** Its element is in no document any more: questions and observers end. */
  leave(): void;
}
