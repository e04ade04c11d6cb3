/**
 * The network at work: TF.js, on its wasm backend (one thread, SIMD) unless another one was asked for.
 *
 * Contract of the model: float32 [1, size, size, 3], RGB in 0..255, goes in; float32 [1, classes] with probabilities
 * in the order of `classes` comes out. Scaling happens inside the model, resizing in `preprocess.ts`.
 */

import "@tensorflow/tfjs-backend-wasm";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Bundle,
  BundleError,
  type ModelContract,
  type ReadFile,
  modelContract,
  readJson,
  releasedBundle,
  verifying,
} from "./bundle";
import { type Rgba, preprocess } from "./preprocess";

export interface Classifier {
  readonly contract: ModelContract;
  /** Probabilities in the order of `contract.classes` for a decoded picture of any size. */
  classify(picture: Rgba): Promise<number[]>;
  /** The same for what `preprocess` made: size * size * 3 bytes. */
  classifyResized(pixels: Uint8Array): Promise<number[]>;
}

/** Makes the backend that the model is to run on the current one; rejects where there is none. */
export type StartBackend = (wasmFolder: string) => Promise<void>;

/**
 * Loads a released bundle and warms it up.
 *
 * `wasmFolder` is a URL or path that ends in a slash and holds tfjs-backend-wasm-simd.wasm. Throws BundleError when
 * `bundle.json` is malformed or a file's sha256 is not the listed one, and whatever `read` rejects with.
 */
export async function loadBundle(
  read: ReadFile,
  wasmFolder: string,
  start: StartBackend = startWasm,
): Promise<{ bundle: Bundle; classifier: Classifier }> {
  const bundle = releasedBundle(await readJson(read, "bundle.json"));
  const classifier = await loadModel(bundle, verifying(read, bundle.files), () => start(wasmFolder));
  return { bundle, classifier };
}

/** Loads a bundle that is still being made: no hashes, threshold or id are asked for. Never for judging pictures. */
export async function loadUnfinishedBundle(read: ReadFile, wasmFolder: string): Promise<Classifier> {
  return loadModel(modelContract(await readJson(read, "bundle.json")), read, () => startWasm(wasmFolder));
}

async function loadModel(
  contract: ModelContract,
  read: ReadFile,
  start: () => Promise<void>,
): Promise<Classifier> {
  await start();
  const model = await loadGraphModel(tf.io.fromMemory(await modelArtifacts(read)));
  const { size } = contract.input;
  const classifier: Classifier = {
    contract,
    classify: async (picture) => classifier.classifyResized(preprocess(picture, size)),
    classifyResized: (pixels) => run(model, contract, pixels),
  };
  // The first run compiles and allocates; no picture should pay for that.
  await classifier.classifyResized(new Uint8Array(size * size * 3));
  return classifier;
}

/** The backend that runs everywhere. */
export async function startWasm(wasmFolder: string): Promise<void> {
  if (tf.getBackend() === "wasm") return;
  // Threads need blob workers, which an extension's CSP forbids; one thread is enough for a small network.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(wasmFolder);
  if (!(await tf.setBackend("wasm"))) throw new Error(`the wasm backend did not start from ${wasmFolder}`);
}

interface ModelJson {
  readonly modelTopology: object;
  readonly signature?: object;
  readonly weightsManifest: readonly { readonly paths: string[]; readonly weights: tf.io.WeightsManifestEntry[] }[];
}

async function modelArtifacts(read: ReadFile): Promise<tf.io.ModelArtifacts> {
  const json = (await readJson(read, "model.json")) as unknown as ModelJson;
  if (!Array.isArray(json.weightsManifest)) throw new BundleError("model.json: weightsManifest: missing");
  const shards = await Promise.all(json.weightsManifest.flatMap((group) => group.paths).map(read));
  return {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: tf.io.CompositeArrayBuffer.join(shards),
    ...(json.signature === undefined ? {} : { signature: json.signature }),
  };
}

async function run(
  model: GraphModel,
  { classes, input: { size } }: ModelContract,
  pixels: Uint8Array,
): Promise<number[]> {
  if (pixels.length !== size * size * 3) {
    throw new RangeError(`${pixels.length} bytes are not ${size} x ${size} pixels of RGB`);
  }
  const output = tf.tidy(() => model.predict(tf.tensor4d(Float32Array.from(pixels), [1, size, size, 3])) as tf.Tensor);
  let probabilities: number[];
  try {
    probabilities = Array.from(await output.data());
  } finally {
    output.dispose();
  }
  // A NaN compares false with every threshold and would reveal the picture.
  if (probabilities.length !== classes.length || !probabilities.every(Number.isFinite)) {
    throw new Error(`the model answered ${probabilities.length} values, some perhaps no numbers`);
  }
  return probabilities;
}
