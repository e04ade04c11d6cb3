/** A covered picture to try the controls on: they feel as they do on a page, as they are the same state machine. */

import { type Act, HOLD_MS, UNDECIDED, deliberate, isArmed } from "../deliberate";
import { element, setText } from "../pages/element";
import { words } from "../pages/words";

export function trial(): void {
  const picture = element("picture");
  const button = element<HTMLButtonElement>("show");
  const status = element("trial-status");
  let state = UNDECIDED;
  let covered = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The click that ends a press during which the picture was shown is no wish to cover it. */
  let spent = false;

  function show(): void {
    picture.classList.toggle("covered", covered);
    picture.setAttribute("aria-label", words(covered ? "covered" : "trialPicture"));
    setText(button, words(covered ? (isArmed(state) ? "offerShowArmed" : "offerShow") : "offerHideAgain"));
    setText(status, words(covered ? (isArmed(state) ? "trialArmed" : "trialCovered") : "trialShown"));
  }

  function act(act: Act): void {
    if (!covered) return;
    const step = deliberate(state, act, performance.now());
    state = step.state;
    if (step.meant) covered = false;
    show();
  }

  function letGo(): void {
    clearTimeout(timer);
    button.classList.remove("holding");
  }

  button.style.setProperty("--hold", `${HOLD_MS}ms`);
  button.addEventListener("pointerdown", () => {
    spent = false;
    if (!covered) return;
    act("down");
    button.classList.add("holding");
    timer = setTimeout(() => {
      act("wait");
      spent = !covered;
      letGo();
    }, HOLD_MS + 1);
  });
  for (const type of ["pointerleave", "pointercancel"]) {
    button.addEventListener(type, () => {
      if (button.classList.contains("holding")) act("leave");
      letGo();
    });
  }
  button.addEventListener("click", () => {
    letGo();
    if (spent) {
      spent = false;
    } else if (covered) {
      act("press");
    } else {
      covered = true;
      state = UNDECIDED;
      show();
    }
  });
  show();
}
