/**
 * `node build/parity.mjs BUNDLE_DIR`: the golden pictures of a bundle through the extension's own code, in Node.
 *
 * Prints one line of JSON, {"backend": "wasm", "probabilities": [[...], ...]}, in the order of bundle.json's `golden`.
 * The bundle need not be finished: only the keys classes, input and golden, the model and the pictures are read.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { BundleError, type ReadFile, readJson } from "../src/bundle";
import { type Classifier, loadUnfinishedBundle } from "../src/classifier";
import { type Rgba } from "../src/preprocess";

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error("usage: node build/parity.mjs BUNDLE_DIR");
  const read: ReadFile = async (name) => new Uint8Array(await readFile(join(folder, name))).buffer;
  const golden = goldenFiles(await readJson(read, "bundle.json"));
  const classifier = await loadUnfinishedBundle(read, fileURLToPath(new URL("./", import.meta.url)));
  const probabilities = [];
  for (const name of golden) probabilities.push(await judge(classifier, read, name));
  console.log(JSON.stringify({ backend: "wasm", probabilities }));
}

function goldenFiles(json: Record<string, unknown>): string[] {
  const { golden } = json;
  if (!Array.isArray(golden)) throw new BundleError("bundle.json: golden: missing");
  return golden.map((entry) => String((entry as { file: unknown }).file));
}

async function judge(classifier: Classifier, read: ReadFile, name: string): Promise<number[]> {
  const bytes = Buffer.from(await read(name));
  let picture: Rgba;
  try {
    picture = PNG.sync.read(bytes);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
  return classifier.classify(picture);
}

main(process.argv[2]).catch((error: Error) => {
  console.error(`parity: ${error.message.split("\n")[0]}`);
  process.exitCode = 1;
});
