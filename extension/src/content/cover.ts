/** What an image looks like: an attribute for pictures.css, and words for those who hover or listen. */

import { type Reason, type Verdict } from "../messages";
import { hold, letGo } from "./hold";
import { blurRadius } from "./size";

/** An image without the attribute is hidden: nothing has been said about it yet. */
export const STATE = "data-flinch";
const WHY = "data-flinch-why";
const BLUR = "data-flinch-blur";

/** Looked up beforehand: once it applies, the extension's own functions are gone. */
const OUTDATED = chrome.i18n.getMessage("hidden", chrome.i18n.getMessage("outdated"));

interface Words {
  readonly title: string | null;
  readonly label: string | null;
}

/** The page's own words, while ours stand in their place. */
const replaced = new WeakMap<Element, Words>();

/** Hides the image and takes back what was said about it. */
export function hide(image: HTMLImageElement): void {
  hold(image);
  image.removeAttribute(STATE);
  image.removeAttribute(WHY);
  image.removeAttribute(BLUR);
  restoreWords(image);
}

export function showTiny(image: HTMLImageElement): void {
  hide(image);
  letGo(image);
  image.setAttribute(STATE, "tiny");
}

/** Keeps the blur of a covered image as strong as its present size asks for. */
export function fitBlur(image: HTMLImageElement): void {
  if (image.getAttribute(STATE) !== "covered") return;
  image.setAttribute(BLUR, String(blurRadius(image.getBoundingClientRect())));
}

export function show(image: HTMLImageElement, verdict: Verdict): void {
  hide(image);
  switch (verdict.kind) {
    case "reveal":
      letGo(image);
      image.setAttribute(STATE, "shown");
      break;
    case "cover":
      letGo(image);
      image.setAttribute(STATE, "covered");
      fitBlur(image);
      say(image, chrome.i18n.getMessage("covered"));
      break;
    case "error":
      image.setAttribute(WHY, verdict.reason);
      image.setAttribute(STATE, "hidden");
      say(image, whyHidden(verdict.reason));
  }
}

const whyHidden = (reason: Reason): string =>
  reason === "outdated" ? OUTDATED : chrome.i18n.getMessage("hidden", chrome.i18n.getMessage(reason));

function say(image: HTMLImageElement, words: string): void {
  replaced.set(image, { title: image.getAttribute("title"), label: image.getAttribute("aria-label") });
  const name = image.getAttribute("aria-label") ?? image.alt;
  image.setAttribute("aria-label", name === "" ? words : `${name} (${words})`);
  image.setAttribute("title", words);
}

function restoreWords(image: HTMLImageElement): void {
  const words = replaced.get(image);
  if (words === undefined) return;
  replaced.delete(image);
  put(image, "title", words.title);
  put(image, "aria-label", words.label);
}

function put(image: HTMLImageElement, name: string, value: string | null): void {
  if (value === null) image.removeAttribute(name);
  else image.setAttribute(name, value);
}
