/** The worker in the offscreen document: fetches, decodes, judges. Everything it cannot do is an `error` verdict. */

import { type Bundle, BundleError, type ReadFile, positiveProbability } from "../bundle";
import { type Classifier, loadBundle } from "../classifier";
import { TooLarge, decode, readBitmap } from "../decode";
import { limited } from "../limit";
import { type Judge, type Reason, type Verdict, type WorkerReply, type WorkerRequest, failed } from "../messages";
import { type Rgba, preprocess } from "../preprocess";

interface Model {
  readonly bundle: Bundle;
  readonly classifier: Classifier;
}

class Failure extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** The network itself broke: wasm memory may be in any state, so this worker must not judge again. */
class Crash extends Error {}

// With 200 ms to every host, 24 in flight finish in 7.5 s what 4 finish in 12.4 s; the network only ever waits for
// pixels, so judging has a queue of its own. Two at once: one is decoded outside this thread while one is judged.
const fetching = limited(24);
const judging = limited(2);
const FETCH_TIMEOUT_MS = 30_000;

const reply = (message: WorkerReply) => postMessage(message);

const readModelFile: ReadFile = async (name) => {
  const response = await fetch(new URL(`model/${name}`, location.origin));
  return response.arrayBuffer();
};

const loading: Promise<Model | Reason> = loadBundle(readModelFile, new URL("./", location.href).href).catch(
  (error: unknown): Reason => {
    console.error("flinch: no model:", error);
    // A missing file rejects in fetch; anything else was there and is not what it should be.
    return error instanceof BundleError ? "badModel" : "noModel";
  },
);

loading.then((model) => reply({ type: "loaded", size: typeof model === "string" ? 0 : model.bundle.input.size }));

async function loadedModel(): Promise<Model> {
  const model = await loading;
  if (typeof model === "string") throw new Failure(model);
  return model;
}

addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "ping") reply({ type: "pong" });
  else if (data.type === "judge") void answer(data.id, () => judge(data));
  else void answer(data.id, () => judging(() => judgeDrawing(data.bitmap)));
});

async function answer(id: number, verdict: () => Promise<Verdict | undefined>): Promise<void> {
  try {
    const found = await verdict();
    if (found !== undefined) reply({ type: "verdict", id, verdict: found });
  } catch (error) {
    // Reaches the document as the worker's `error` event; it starts another worker and asks that one again.
    if (error instanceof Crash) return reportError(error.cause);
    const reason = error instanceof Failure ? error.reason : error instanceof TooLarge ? "tooLarge" : "undecodable";
    reply({ type: "verdict", id, verdict: failed(reason) });
  }
}

/** Undefined when the picture went to the document to be drawn: its verdict comes with `drawn`. */
async function judge({ id, source }: Judge): Promise<Verdict | undefined> {
  const model = await loadedModel();
  if (source.kind === "pixels") {
    const pixels = Uint8Array.from(atob(source.base64), (character) => character.charCodeAt(0));
    return verdictOn(model, pixels);
  }
  // Bytes that are here already do not wait behind those that are not.
  const { url } = source;
  const blob = await (url.startsWith("data:") ? fetchPicture(url) : fetching(() => fetchPicture(url)));
  if (blob.type.startsWith("image/svg")) {
    reply({ type: "vector", id, blob });
    return undefined;
  }
  return judging(async () => verdictOn(model, resized(model, await decode(blob))));
}

async function judgeDrawing(bitmap: ImageBitmap): Promise<Verdict> {
  const model = await loadedModel();
  try {
    return verdictOn(model, resized(model, readBitmap(bitmap)));
  } finally {
    bitmap.close();
  }
}

async function fetchPicture(url: string): Promise<Blob> {
  // With cookies, as the page's own request had them; from the cache, whatever its age, as it is what is on screen.
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const options: RequestInit = { cache: "force-cache", credentials: "include", signal };
  try {
    // The status is not looked at: browsers show the picture in the body of a 404 too.
    return await (await fetch(url, options)).blob();
  } catch {
    throw new Failure("fetchFailed");
  }
}

const resized = ({ bundle }: Model, picture: Rgba): Uint8Array => preprocess(picture, bundle.input.size);

function verdictOn({ bundle, classifier }: Model, pixels: Uint8Array): Verdict {
  let probabilities: number[];
  try {
    probabilities = classifier.classifyResized(pixels);
  } catch (cause) {
    throw new Crash("the network broke", { cause });
  }
  return { kind: positiveProbability(bundle, probabilities) >= bundle.threshold ? "cover" : "reveal" };
}
