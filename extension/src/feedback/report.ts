/** One report: what the reader says of one picture, from the click to the bytes that leave the browser. */

import { type Says } from "../messages";
import { publicAddress } from "./public_address";

/** A report as it waits in the outbox. */
export interface Waiting {
  readonly url: string;
  readonly says: Says;
  /** When the reader said so: ms since the epoch, a whole second. */
  readonly at: number;
}

/** Everything that is ever sent, by its names in the service. */
export interface Body {
  readonly url: string;
  /** A class of the model. */
  readonly verdict: string;
  /** UTC, to the second. */
  readonly reported_at: string;
}

/** The classes of a model that the two words stand for. */
export type Classes = Readonly<Record<Says, string>>;

/** The report of a picture; undefined when its address may not be sent. */
export function waitingReport(address: string, says: Says, now: number): Waiting | undefined {
  const url = publicAddress(address);
  return url === undefined ? undefined : { url, says, at: Math.floor(now / 1000) * 1000 };
}

export function bodyOf({ url, says, at }: Waiting, classes: Classes): Body {
  return { url, verdict: classes[says], reported_at: new Date(at).toISOString().replace(".000", "") };
}

/** The classes of the model in this extension; rejects when there is none. */
export async function modelClasses(): Promise<Classes> {
  return classesOf(await (await fetch(chrome.runtime.getURL("model/bundle.json"))).json());
}

/** The classes that `bundle.json` names; throws when it names none. */
export function classesOf(bundle: { readonly classes: readonly string[]; readonly positive: string }): Classes {
  const harmless = bundle.classes.find((name) => name !== bundle.positive);
  if (harmless === undefined) throw new Error("bundle.json: classes: only one");
  return { harmless, triggering: bundle.positive };
}
