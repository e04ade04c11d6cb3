/** What a subject's element looks like: attributes for pictures.css, and words for those who hover or listen. */

import { type Reason } from "../messages";
import { said } from "./controls/words";
import { type Styled } from "./desk";
import { hold } from "./hold";
import { type State } from "./subjects";

/** An element without the attribute is hidden: nothing has been said about it yet. */
export const STATE = "data-flinch";
/** How a covered one is covered: "blur-12", "solid", "pastel". */
export const COVER = "data-flinch-cover";
const WHY = "data-flinch-why";

/** Attributes that nobody but us may set. */
export const OURS = [STATE, COVER];

/** Looked up beforehand: once the extension was updated under a page, its own functions are gone. */
const COVERED = chrome.i18n.getMessage("covered");

/** `none`: the element holds no picture. */
export interface Look {
  readonly state: State | "none";
  readonly reason?: Reason | undefined;
  readonly cover?: string | undefined;
}

interface Words {
  readonly title: string | null;
  readonly label: string | null;
}

const worn = new WeakMap<Element, Look>();
/** The page's own words, while ours stand in their place. */
const replaced = new WeakMap<Element, Words>();

export function wear(element: Styled, look: Look): void {
  const before = worn.get(element);
  worn.set(element, look);
  hold(element, look);
  put(element, STATE, look.state === "pending" ? null : look.state);
  put(element, COVER, look.cover ?? null);
  if (before?.state === look.state && before.reason === look.reason) return;
  put(element, WHY, look.reason ?? null);
  restoreWords(element);
  if (look.state === "covered") say(element, COVERED);
  else if (look.reason !== undefined) say(element, whyHidden(look.reason));
}

/** Puts back what a page has set in our place; an element that wears nothing of ours loses it. */
export function wearAgain(element: Element): void {
  const { state, cover } = worn.get(element) ?? { state: "pending" };
  put(element, STATE, state === "pending" ? null : state);
  put(element, COVER, cover ?? null);
}

/** The element is no subject any more. */
export function takeOff(element: Styled): void {
  worn.delete(element);
  hold(element, { state: "none" });
  restoreWords(element);
  for (const name of [...OURS, WHY]) put(element, name, null);
}

const whyHidden = (reason: Reason): string => said({ kind: "hidden", reason });

function say(element: Element, words: string): void {
  replaced.set(element, { title: element.getAttribute("title"), label: element.getAttribute("aria-label") });
  const name = element.getAttribute("aria-label") ?? element.getAttribute("alt") ?? "";
  put(element, "aria-label", name === "" ? words : `${name} (${words})`);
  put(element, "title", words);
}

function restoreWords(element: Element): void {
  const words = replaced.get(element);
  if (words === undefined) return;
  replaced.delete(element);
  put(element, "title", words.title);
  put(element, "aria-label", words.label);
}

/** Writes only what differs: every write wakes observers, the page's too. */
function put(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
