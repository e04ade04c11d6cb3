/** Tells a deliberate press from an accident: a button held long enough, or pressed twice with a pause between. */

/** How long the button is held until the picture is shown. */
export const HOLD_MS = 600;
/** A second press counts only after this: a double-click is over by then, even a slow one. */
export const SETTLE_MS = 500;
/** A first press is forgotten after this. */
export const PATIENCE_MS = 6_000;

export interface Deliberation {
  /** When the first press was made; undefined before it. */
  readonly armedAt?: number;
  /** Since when the button is held down. */
  readonly heldSince?: number;
}

/** What the reader does with the button. */
export type Act =
  | "down" // the pointer goes down on it
  | "leave" // the pointer leaves it while down, or is taken away
  | "press" // it was pressed and released, or Enter or Space was
  | "wait"; // nothing: time goes by

export const UNDECIDED: Deliberation = {};

export const isArmed = (state: Deliberation): boolean => state.armedAt !== undefined;

export interface Step {
  readonly state: Deliberation;
  /** The reader means it. */
  readonly meant: boolean;
}

/** The next state; `now` is any clock in milliseconds that never goes back. */
export function deliberate(state: Deliberation, act: Act, now: number): Step {
  const { armedAt, heldSince } = state;
  const armed = armedAt !== undefined && now - armedAt < PATIENCE_MS ? { armedAt } : UNDECIDED;
  switch (act) {
    case "down":
      return { state: { ...armed, heldSince: now }, meant: false };
    case "leave":
      return { state: UNDECIDED, meant: false };
    case "press":
      if (armed.armedAt !== undefined && now - armed.armedAt >= SETTLE_MS) return { state: UNDECIDED, meant: true };
      // Too soon after the first, this one is the first: a hail of clicks arms, and never shows.
      return { state: { armedAt: now }, meant: false };
    case "wait":
      if (heldSince === undefined) return { state: armed, meant: false };
      return now - heldSince >= HOLD_MS ? { state: UNDECIDED, meant: true } : { state, meant: false };
  }
}
