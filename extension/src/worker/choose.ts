/** Which backend is worth it on this computer. */

import { type BackendName } from "../backend_names";

/** What one backend made of the trial's pictures. */
export interface Trial {
  readonly name: BackendName;
  /** Probabilities by picture. */
  readonly answers: readonly (readonly number[])[];
  /** Median milliseconds of a picture. */
  readonly median: number;
}

/** The bound that every release holds between training and browser, too. */
const MOST_APART = 0.01;
/** A graphics processor is shared with the page and slow to wake: it must be clearly faster. */
const CLEARLY = 0.7;

/** The fastest that agrees with wasm, whose answers were measured at the release, and is clearly faster; else wasm. */
export function choose(trials: readonly Trial[]): BackendName {
  const wasm = trials.find(({ name }) => name === "wasm");
  if (wasm === undefined) return "wasm";
  const better = trials
    .filter((trial) => agrees(trial, wasm) && trial.median < wasm.median * CLEARLY)
    .sort((one, other) => one.median - other.median);
  return better[0]?.name ?? "wasm";
}

function agrees({ answers }: Trial, wasm: Trial): boolean {
  return wasm.answers.every((probabilities, picture) =>
    probabilities.every((probability, index) => {
      const apart = Math.abs(probability - (answers[picture]?.[index] ?? NaN));
      return apart <= MOST_APART;
    }),
  );
}
