/**
 * The words of the controls, looked up when the page begins: once the extension was updated under a page, its own
 * functions are gone, and that is exactly when something must be said.
 */

import { type Reason } from "../../messages";
import { type Offer, type Saying } from "./offers";

const message = (name: string, ...values: string[]): string => chrome.i18n.getMessage(name, values);

const hidden = (reason: Reason): string => message("hidden", message(reason));

const HIDDEN: Readonly<Record<Reason, string>> = {
  noModel: hidden("noModel"),
  badModel: hidden("badModel"),
  notLoaded: hidden("notLoaded"),
  fetchFailed: hidden("fetchFailed"),
  unreadable: hidden("unreadable"),
  undecodable: hidden("undecodable"),
  tooLarge: hidden("tooLarge"),
  crashed: hidden("crashed"),
  outdated: hidden("outdated"),
};

/** Stands for a value in a sentence that is looked up before the value is known. */
const SLOTS = ["\ue000", "\ue001", "\ue002"];

function sentence(name: string): (...values: (string | number)[]) => string {
  const template = message(name, ...SLOTS);
  return (...values) => template.replace(/[\ue000-\ue002]/g, (slot) => String(values[SLOTS.indexOf(slot)]));
}

export const DIRECTION = message("@@bidi_dir");
export const LANGUAGE = message("@@ui_locale").replace("_", "-");

const SAYINGS = {
  covered: message("pillCovered"),
  youHid: message("pillYouHid"),
  youRevealed: message("pillYouRevealed"),
  thanks: message("pillThanks"),
  wait: message("pillWait"),
  shutOut: message("pillShutOut"),
  none: message("pillNone"),
};

export const said = (saying: Saying): string =>
  saying.kind === "hidden" ? HIDDEN[saying.reason] : SAYINGS[saying.kind];

export const OFFERS: Readonly<Record<Offer, string>> = {
  show: message("offerShow"),
  retry: message("offerRetry"),
  undo: message("offerUndo"),
  hideAgain: message("offerHideAgain"),
  reportHarmless: message("offerReportHarmless"),
  reportTriggering: message("offerReportTriggering"),
};

/** What the button that shows a picture says after the first press. */
export const ARMED = message("offerShowArmed");
/** How that button works, for those who cannot see it fill up. */
export const HOW_TO_SHOW = message("offerShowHow");

const unnamed = sentence("pictureOf");
const named = sentence("pictureOfNamed");
const alone = message("picture");
const aloneNamed = sentence("pictureNamed");

/** "Covered picture 2 of 7: a flower", or "Picture: a flower" where it is not among those that can be visited. */
export function labelOf(name: string, place?: { readonly number: number; readonly of: number }): string {
  if (place === undefined) return name === "" ? alone : aloneNamed(name);
  return name === "" ? unnamed(place.number, place.of) : named(place.number, place.of, name);
}
