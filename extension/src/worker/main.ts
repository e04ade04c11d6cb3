/** The worker in the offscreen document: decodes and judges what it is handed. What it cannot do, it says. */

import { framesOf, movingType } from "../animation";
import { positiveProbability } from "../bundle";
import { loadBundle } from "../classifier";
import { TooLarge, decode, readBitmap } from "../decode";
import { Failure } from "../failure";
import { type Exhibit, type WorkerReply, type WorkerRequest } from "../messages";
import { readModelFile, whyNoModel } from "../model_files";
import { type Rgba, preprocess } from "../preprocess";
import { type Shape, hasShape } from "../shape";

/** The network itself broke: wasm memory may be in any state, so this worker must not judge again. */
class Crash extends Error {}

const reply = (message: WorkerReply) => postMessage(message);

const loading = loadBundle(readModelFile, new URL("./", location.href).href).catch(whyNoModel);

addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "ping") reply({ type: "pong" });
  else void answer(data.id, data.exhibit, data.shape);
});

async function answer(id: number, exhibit: Exhibit, shape: Shape | undefined): Promise<void> {
  try {
    reply({ type: "judged", id, probability: await judge(exhibit, shape) });
  } catch (error) {
    // Reaches the document as the worker's `error` event; it starts another worker and asks that one again.
    if (error instanceof Crash) return reportError(error.cause);
    const reason = error instanceof Failure ? error.reason : error instanceof TooLarge ? "tooLarge" : "undecodable";
    reply({ type: "failed", id, reason });
  }
}

async function judge(exhibit: Exhibit, shape: Shape | undefined): Promise<number> {
  const model = await loading;
  if (typeof model === "string") throw new Failure(model);
  const { bundle, classifier } = model;
  const enough = Math.max(...Object.values(bundle.thresholds));
  let largest = 0;
  for await (const picture of picturesIn(exhibit)) {
    if (shape !== undefined && !(picture instanceof Uint8Array) && !hasShape(picture, shape)) {
      throw new Failure("fetchFailed");
    }
    const pixels = picture instanceof Uint8Array ? picture : preprocess(picture, bundle.input.size);
    try {
      largest = Math.max(largest, positiveProbability(bundle, await classifier.classifyResized(pixels)));
    } catch (cause) {
      throw new Crash("the network broke", { cause });
    }
    // No further frame can change the verdict.
    if (largest >= enough) break;
  }
  return largest;
}

/** One picture, or the frames of one that moves. */
async function* picturesIn(exhibit: Exhibit): AsyncGenerator<Rgba | Uint8Array> {
  if (exhibit instanceof Uint8Array) {
    yield exhibit;
  } else if (exhibit instanceof Blob) {
    yield* picturesInFile(exhibit);
  } else {
    yield readBitmap(exhibit);
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
