/**
 * nsfwjs's bundled MobileNetV2 in the place of `extension/src/classifier.ts`, for bench/page.mjs: everything around the
 * network (content script, line, offscreen document, fetching, decoding, resizing) is the extension's own.
 *
 * It runs on TF.js's wasm backend, one thread, SIMD, as ours does: the fastest that it has without a GPU.
 */

import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { load } from "nsfwjs/core";
import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2";
import { type Bundle, type ReadFile, readJson, releasedBundle } from "../../../extension/src/bundle";
import { type Rgba, preprocess } from "../../../extension/src/preprocess";

/** What nsfwjs's users take for unsafe: Hentai, Porn and Sexy of Drawing, Hentai, Neutral, Porn, Sexy. */
const UNSAFE = [1, 3, 4];

export async function startWasm(wasmFolder: string): Promise<void> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(wasmFolder);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
}

/** As the extension's own `loadBundle`: its classes and thresholds, and another network behind them. */
export async function loadBundle(read: ReadFile, wasmFolder: string) {
  const bundle: Bundle = releasedBundle(await readJson(read, "bundle.json"));
  const { size } = bundle.input;
  await startWasm(wasmFolder);
  const network = await load("MobileNetV2", { modelDefinitions: [MobileNetV2Model] });
  const classifyResized = async (pixels: Uint8Array): Promise<number[]> => {
    const output = tf.tidy(() => network.infer(tf.tensor3d(Int32Array.from(pixels), [size, size, 3], "int32")));
    const scores = await output.data();
    output.dispose();
    const unsafe = Math.min(1, UNSAFE.reduce((sum, at) => sum + scores[at]!, 0));
    return bundle.classes.map((name) => (name === bundle.positive ? unsafe : 1 - unsafe));
  };
  await classifyResized(new Uint8Array(size * size * 3));
  const classify = async (picture: Rgba) => classifyResized(preprocess(picture, size));
  return { bundle, classifier: { contract: bundle, classify, classifyResized } };
}
