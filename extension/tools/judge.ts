/**
 * `build/judge.html`, asked by training/browser/judgement.py: what models say of picture files in this browser.
 *
 * From the encoded bytes on everything is the extension's own: decoding, resize, network.
 */

import { type Classifier, loadUnfinishedBundle } from "../src/classifier";
import { decode } from "../src/decode";
import { WASM_FOLDER, answerWith, fetchFile, reader } from "./desk";

interface Question {
  readonly models: readonly string[];
  /** Served paths. */
  readonly pictures: readonly string[];
}

void answerWith(async ({ models, pictures }: Question) => {
  const classifiers: Classifier[] = [];
  for (const folder of models) classifiers.push(await loadUnfinishedBundle(reader(folder), WASM_FOLDER));
  // By model, then by picture.
  const probabilities: number[][][] = models.map(() => []);
  for (const path of pictures) {
    const picture = await decode(await fetchFile(path)).catch((error: unknown) => {
      throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    });
    for (const [model, classifier] of classifiers.entries()) probabilities[model]!.push(await classifier.classify(picture));
  }
  return { probabilities };
});
