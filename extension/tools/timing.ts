/**
 * `build/timing.html`, asked by training/browser/timing.py: what a picture costs in this browser.
 *
 * All models take turns in one page, so that whatever else slows the machine slows them alike: absolute times are
 * this machine's, their ratios hold.
 */

import { type Classifier, loadUnfinishedBundle } from "../src/classifier";
import { type Rgba } from "../src/preprocess";
import { WASM_FOLDER, answerWith, reader } from "./desk";

interface Question {
  readonly folders: readonly string[];
  readonly warmUp: number;
  readonly runs: number;
}

/** Milliseconds of every run, by folder. */
interface Times {
  readonly network: number[];
  readonly withResize: number[];
}

/** A usual picture of the web, of noise: its content does not matter to the time. */
const WIDTH = 640;
const HEIGHT = 480;

void answerWith(async ({ folders, warmUp, runs }: Question) => {
  const classifiers: Classifier[] = [];
  for (const folder of folders) classifiers.push(await loadUnfinishedBundle(reader(folder), WASM_FOLDER));
  const times: Times[] = folders.map(() => ({ network: [], withResize: [] }));
  const picture = noise();
  for (let round = -warmUp; round < runs; round++) {
    for (let turn = 0; turn < classifiers.length; turn++) {
      // Every round begins with another one: none always runs with the cache that the same other left.
      const index = (turn + round + warmUp) % classifiers.length;
      const { network, withResize } = await timeOnce(classifiers[index]!, picture);
      if (round < 0) continue;
      times[index]!.network.push(network);
      times[index]!.withResize.push(withResize);
    }
    // Lets the browser do what it has put off, outside the measured time.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { backend: "wasm", isolated: globalThis.crossOriginIsolated, agent: navigator.userAgent, times };
});

/** Times the network (upload, run, read-back) and, apart from it, resize and network together. */
async function timeOnce(
  classifier: Classifier,
  picture: Rgba,
): Promise<{ network: number; withResize: number }> {
  const { size } = classifier.contract.input;
  const pixels = new Uint8Array(size * size * 3).map((_, at) => picture.data[at % picture.data.length]!);
  // Brings the weights back into the processor's cache, where a page full of pictures has them.
  await classifier.classifyResized(pixels);
  const begun = performance.now();
  await classifier.classifyResized(pixels);
  const between = performance.now();
  await classifier.classify(picture);
  return { network: between - begun, withResize: performance.now() - between };
}

function noise(): Rgba {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).map((_, at) => (at % 4 === 3 ? 255 : (at * 2654435761) >>> 24));
  return { width: WIDTH, height: HEIGHT, data };
}
