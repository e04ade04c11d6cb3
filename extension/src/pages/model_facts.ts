/** What the model in this extension says of itself: where each strictness begins, and what was measured there. */

import { type Strictness } from "../messages";
import { STRICTNESSES } from "../settings";

/** Counted on one collection of pictures at one threshold. */
export interface Measured {
  /** The strictness whose threshold it was. */
  readonly level: Strictness;
  /** "test": held out of the training; "ood": from other sources than the training's. */
  readonly split: "test" | "ood";
  readonly triggering: number;
  readonly triggeringCovered: number;
  readonly others: number;
  readonly othersCovered: number;
}

export interface ModelFacts {
  /** From which probability on pictures are covered; undefined where the model knows one threshold only. */
  readonly thresholds?: Readonly<Record<Strictness, number>>;
  readonly measured: readonly Measured[];
}

/** undefined when there is no model, or nothing can be read of it. */
export async function readModelFacts(): Promise<ModelFacts | undefined> {
  try {
    return factsOf(await (await fetch(chrome.runtime.getURL("model/bundle.json"))).json());
  } catch {
    return undefined;
  }
}

interface Metrics {
  readonly n: number;
  readonly positives: number;
  readonly threshold: number;
  readonly precision: number | null;
  readonly recall: number | null;
}

interface BundleJson {
  readonly threshold?: { readonly strictness?: Record<Strictness, number> };
  readonly metrics?: Readonly<Record<string, Metrics>>;
}

/** Reads a decoded `bundle.json`; leaves out what it does not say. */
export function factsOf({ threshold, metrics }: BundleJson): ModelFacts {
  const thresholds = threshold?.strictness;
  if (thresholds === undefined) return { measured: [] };
  const measured = (["test", "ood"] as const).flatMap((split) => measuredOn(split, metrics?.[split], thresholds));
  return { thresholds, measured };
}

/** Shares as counts again: "59 of 109" says how little 54 % may rest on. */
function measuredOn(split: "test" | "ood", found: Metrics | undefined, thresholds: Record<Strictness, number>): Measured[] {
  const level = STRICTNESSES.find((name) => thresholds[name] === found?.threshold);
  if (found === undefined || level === undefined || found.recall === null || found.precision === null) return [];
  const triggeringCovered = Math.round(found.recall * found.positives);
  const covered = found.precision > 0 ? Math.round(triggeringCovered / found.precision) : triggeringCovered;
  return [
    {
      level,
      split,
      triggering: found.positives,
      triggeringCovered,
      others: found.n - found.positives,
      othersCovered: covered - triggeringCovered,
    },
  ];
}
