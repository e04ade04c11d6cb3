/** What a strictness means, in words and in the model's own numbers. */

import { type Strictness } from "../messages";
import { type Measured, type ModelFacts } from "./model_facts";
import { told, words } from "./words";

/** What is known of a level, in whole sentences; says so when it is nothing. */
export function strictnessWords(level: Strictness, facts: ModelFacts | undefined): string {
  if (facts === undefined) return words("noModelHere");
  if (facts.thresholds === undefined) return words("oneThreshold");
  const from = words("coversFrom", percent(facts.thresholds[level]));
  const measured = facts.measured.filter((one) => one.level === level).map(sentence);
  return [from, ...(measured.length === 0 ? [words("notMeasured")] : measured)].join(" ");
}

const sentence = ({ split, triggering, triggeringCovered, others, othersCovered }: Measured): string =>
  words(
    split === "test" ? "measuredOnTest" : "measuredElsewhere",
    told(triggeringCovered),
    told(triggering),
    told(othersCovered),
    told(others),
  );

const percent = (share: number): string => share.toLocaleString([], { style: "percent" });
