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

const SIZE = 224;

/** The classes that nsfwjs counts as unsafe: Hentai, Porn and Sexy of Drawing, Hentai, Neutral, Porn, Sexy. */
const UNSAFE = [1, 3, 4];

/** As the extension's own `loadBundle`: its classes and thresholds, and another network behind them. */
export async function loadBundle(read: ReadFile, wasmFolder: string) {
  const bundle: Bundle = { ...releasedBundle(await readJson(read, "bundle.json")), input: { size: SIZE } };
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(wasmFolder);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
  const network = await load("MobileNetV2", { modelDefinitions: [MobileNetV2Model] });
  const classifyResized = (pixels: Uint8Array): number[] => {
    const scores = tf.tidy(() => {
      const picture = tf.tensor3d(Int32Array.from(pixels), [SIZE, SIZE, 3], "int32");
      return network.infer(picture).dataSync();
    });
    const unsafe = Math.min(1, UNSAFE.reduce((sum, at) => sum + scores[at]!, 0));
    return bundle.classes.map((name) => (name === bundle.positive ? unsafe : 1 - unsafe));
  };
  classifyResized(new Uint8Array(SIZE * SIZE * 3));
  const classify = (picture: Rgba) => classifyResized(preprocess(picture, SIZE));
  return { bundle, classifier: { contract: bundle, classify, classifyResized } };
}
