/**
 * Hides by important style attributes in the moment before the user style sheet is there (a frame or two, when the
 * service worker slept), and gives the page its own back afterwards. The manifest's sheet can be beaten by a page's own
 * `!important`, in a layer or a style attribute, and does not reach into shadow roots. The whole document is blank at
 * first; if the sheet takes its time, its pictures stay hidden one by one.
 */

import { type Look } from "./cover";
import { type Styled } from "./desk";

interface Was {
  readonly style: string | null;
  readonly opacity: string;
  readonly priority: string;
}

/** Longer than a service worker takes to wake; a page must not stay blank because of one that does not. */
const LONGEST_MS = 1_500;
const MOST_HELD_AGAIN = 500;

const held = new WeakMap<Styled, Was>();
let over = false;
let heldAgain = 0;

/** Holds an element that must not be seen; lets go of one that may. */
export function hold(element: Styled, { state }: Look): void {
  const isHeld = held.has(element);
  const mustHold = !over && (state === "pending" || state === "hidden");
  if (mustHold && !isHeld) hide(element);
  else if (!mustHold && isHeld) letGo(element);
}

function hide(element: Styled): void {
  const { style } = element;
  held.set(element, {
    style: element.getAttribute("style"),
    opacity: style.getPropertyValue("opacity"),
    priority: style.getPropertyPriority("opacity"),
  });
  style.setProperty("opacity", "0", "important");
}

function letGo(element: Styled): void {
  const was = held.get(element);
  if (was === undefined) return;
  held.delete(element);
  if (was.opacity === "") element.style.removeProperty("opacity");
  else element.style.setProperty("opacity", was.opacity, was.priority);
  if (was.style === null && element.getAttribute("style") === "") element.removeAttribute("style");
}

/** Blanks the whole document until the user style sheet is there, or until it takes too long. */
export function holdDocument(): void {
  const observer = new MutationObserver((mutations) => {
    // A page that insists must not hang.
    if (over || ++heldAgain > MOST_HELD_AGAIN) return observer.disconnect();
    // A root element that was taken out may come back when nothing is held any more.
    for (const { removedNodes } of mutations) for (const node of removedNodes) letGo(node as Styled);
    holdRoot(observer);
  });
  observer.observe(document, { childList: true });
  holdRoot(observer);
  setTimeout(() => {
    observer.disconnect();
    const root = document.documentElement as Styled | null;
    if (root !== null) letGo(root);
  }, LONGEST_MS);
}

/** Neither `document.open()`, which puts in another root, nor a page that tidies its style attributes may lift the blank. */
function holdRoot(observer: MutationObserver): void {
  const root = document.documentElement as Styled | null;
  // That of an XML document may be of a language without styles.
  if (root?.style === undefined) return;
  const { style } = root;
  if (!held.has(root)) hide(root);
  else if (style.opacity !== "0" || style.getPropertyPriority("opacity") !== "important") {
    style.setProperty("opacity", "0", "important");
  }
  observer.observe(root, { attributes: true, attributeFilter: ["style"] });
}

/** The user style sheet is there, or Flinch is switched off. */
export function letGoForGood(elements: Iterable<Styled>): void {
  over = true;
  const root = document.documentElement as Styled | null;
  if (root !== null) letGo(root);
  for (const element of elements) letGo(element);
}
