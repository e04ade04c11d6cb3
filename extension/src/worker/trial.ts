/** A worker of its own, so that a backend that hangs or breaks takes nothing with it: tries every backend once. */

import { BACKENDS, type BackendName } from "../backend_names";
import { startBackend } from "./backends";
import { loadBundle } from "../classifier";
import { readModelFile } from "../model_files";
import { type Trial, choose } from "./choose";

const PICTURES = 12;
/** A backend that is much too slow is not timed any longer. */
const MOST_MS = 3_000;

void run();

async function run(): Promise<void> {
  const trials: Trial[] = [];
  for (const name of BACKENDS) {
    try {
      trials.push(await tryOut(name));
    } catch (error) {
      console.info(`flinch: no ${name} here:`, error);
    }
  }
  postMessage({ chosen: choose(trials), medians: Object.fromEntries(trials.map(({ name, median }) => [name, median])) });
}

async function tryOut(name: BackendName): Promise<Trial> {
  const folder = new URL("./", location.href).href;
  const { classifier } = await loadBundle(readModelFile, folder, (wasmFolder) => startBackend(name, wasmFolder));
  const { size } = classifier.contract.input;
  const answers: number[][] = [];
  const times: number[] = [];
  const begun = performance.now();
  for (let picture = 0; picture < PICTURES; picture++) {
    const before = performance.now();
    answers.push(await classifier.classifyResized(drawn(picture, size)));
    times.push(performance.now() - before);
    // Not chosen then: what it has not answered, it does not agree on.
    if (performance.now() - begun > MOST_MS) break;
  }
  times.sort((one, other) => one - other);
  return { name, answers, median: times[times.length >> 1]! };
}

/** Gratings and spots of many scales: a network answers them as differently as it does photographs. */
function drawn(picture: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  const scale = 0.05 + 0.07 * picture;
  for (let at = 0; at < pixels.length; at++) {
    const [x, y, channel] = [((at / 3) | 0) % size, (at / 3 / size) | 0, at % 3];
    const wave = Math.sin(x * scale + channel) * (picture % 2 === 0 ? 1 : Math.cos(y * scale));
    pixels[at] = 128 + 100 * wave + (picture % 3 === 0 ? (at * 7919) % 27 : 0);
  }
  return pixels;
}
