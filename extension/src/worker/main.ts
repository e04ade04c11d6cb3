/** The worker in the offscreen document: decodes and judges what it is handed. What it cannot do, it says. */

import { positiveProbability } from "../bundle";
import { loadBundle } from "../classifier";
import { TooLarge, decode, readBitmap } from "../decode";
import { Failure } from "../failure";
import { type Exhibit, type WorkerReply, type WorkerRequest } from "../messages";
import { readModelFile, whyNoModel } from "../model_files";
import { preprocess } from "../preprocess";

/** The network itself broke: wasm memory may be in any state, so this worker must not judge again. */
class Crash extends Error {}

const reply = (message: WorkerReply) => postMessage(message);

const loading = loadBundle(readModelFile, new URL("./", location.href).href).catch(whyNoModel);

addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "ping") reply({ type: "pong" });
  else void answer(data.id, data.exhibit);
});

async function answer(id: number, exhibit: Exhibit): Promise<void> {
  try {
    reply({ type: "judged", id, probability: await judge(exhibit) });
  } catch (error) {
    // Reaches the document as the worker's `error` event; it starts another worker and asks that one again.
    if (error instanceof Crash) return reportError(error.cause);
    const reason = error instanceof Failure ? error.reason : error instanceof TooLarge ? "tooLarge" : "undecodable";
    reply({ type: "failed", id, reason });
  }
}

async function judge(exhibit: Exhibit): Promise<number> {
  const model = await loading;
  if (typeof model === "string") throw new Failure(model);
  const { bundle, classifier } = model;
  const pixels = await resized(exhibit, bundle.input.size);
  try {
    return positiveProbability(bundle, classifier.classifyResized(pixels));
  } catch (cause) {
    throw new Crash("the network broke", { cause });
  }
}

async function resized(exhibit: Exhibit, size: number): Promise<Uint8Array> {
  if (exhibit instanceof Uint8Array) return exhibit;
  if (exhibit instanceof Blob) return preprocess(await decode(exhibit), size);
  try {
    return preprocess(readBitmap(exhibit), size);
  } finally {
    exhibit.close();
  }
}
