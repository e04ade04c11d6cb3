/** What every worker of the offscreen document does: decodes and judges what it is handed. What it cannot do, it says. */

import { framesOf, movingType } from "../animation";
import { type Bundle, positiveProbability } from "../bundle";
import { type Classifier, type StartBackend, loadBundle } from "../classifier";
import { TooLarge, decode, readBitmap } from "../decode";
import { Failure } from "../failure";
import { type Exhibit, type Reason, type WorkerReply, type WorkerRequest } from "../messages";
import { readModelFile, whyNoModel } from "../model_files";
import { type Rgba, preprocess } from "../preprocess";
import { type Shape, hasShape } from "../shape";

/** The network itself broke: wasm memory may be in any state, so this worker must not judge again. */
class Crash extends Error {}

const reply = (message: WorkerReply) => postMessage(message);

interface Model {
  readonly bundle: Bundle;
  readonly classifier: Classifier;
}

/** Takes requests for good; `isSound` looks at every answer of the network. */
export function serve(start: StartBackend, isSound: (probabilities: readonly number[]) => boolean): void {
  const loading = loadBundle(readModelFile, new URL("./", location.href).href, start).catch(whyNoModel);
  void loading.then((model) => reply({ type: "loaded", usable: typeof model !== "string" }));
  addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
    if (data.type === "ping") reply({ type: "pong" });
    else void answer(data.id, () => judge(loading, isSound, data.exhibit, data.shape));
  });
}

async function answer(id: number, judgement: () => Promise<number>): Promise<void> {
  try {
    reply({ type: "judged", id, probability: await judgement() });
  } catch (error) {
    // Reaches the document as the worker's `error` event; it starts another worker and asks that one again.
    if (error instanceof Crash) return reportError(error.cause);
    const reason = error instanceof Failure ? error.reason : error instanceof TooLarge ? "tooLarge" : "undecodable";
    reply({ type: "failed", id, reason });
  }
}

async function judge(
  loading: Promise<Model | Reason>,
  isSound: (probabilities: readonly number[]) => boolean,
  exhibit: Exhibit,
  shape: Shape | undefined,
): Promise<number> {
  const model = await loading;
  if (typeof model === "string") throw new Failure(model);
  const { bundle, classifier } = model;
  const enough = Math.max(...Object.values(bundle.thresholds));
  let largest = 0;
  for await (const pixels of picturesIn(exhibit, bundle.input.size, shape)) {
    largest = Math.max(largest, positiveProbability(bundle, await probabilitiesOf(classifier, pixels, isSound)));
    // No further frame can change the verdict.
    if (largest >= enough) break;
  }
  return largest;
}

async function probabilitiesOf(
  classifier: Classifier,
  pixels: Uint8Array,
  isSound: (probabilities: readonly number[]) => boolean,
): Promise<number[]> {
  try {
    const probabilities = await classifier.classifyResized(pixels);
    if (!isSound(probabilities)) throw new Error("the network answers nonsense");
    return probabilities;
  } catch (cause) {
    throw new Crash("the network broke", { cause });
  }
}

/** The input of the network for one picture, or for the frames of one that moves. */
async function* picturesIn(exhibit: Exhibit, size: number, shape: Shape | undefined): AsyncGenerator<Uint8Array> {
  if (exhibit instanceof Uint8Array) {
    yield exhibit;
  } else if (exhibit instanceof Blob) {
    for await (const picture of picturesInFile(exhibit)) {
      if (shape !== undefined && !hasShape(picture, shape)) throw new Failure("fetchFailed");
      yield preprocess(picture, size);
    }
  } else {
    yield preprocess(readBitmap(exhibit), size);
    exhibit.close();
  }
}

async function* picturesInFile(file: Blob): AsyncGenerator<Rgba> {
  const bytes = await file.arrayBuffer();
  const type = movingType(new Uint8Array(bytes));
  let frames = 0;
  if (type !== undefined) {
    for await (const frame of framesOf(bytes, type)) {
      frames++;
      yield frame;
    }
  }
  if (frames === 0) yield await decode(file);
}
