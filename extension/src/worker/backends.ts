/** Starts TF.js on one of its backends. */

import * as tf from "@tensorflow/tfjs-core";
import { type BackendName } from "../backend_names";
import { startWasm } from "../classifier";

/** Makes a backend the current one; loaded only when it is asked for. Rejects where this computer has none. */
export async function startBackend(name: BackendName, wasmFolder: string): Promise<void> {
  if (name === "wasm") return startWasm(wasmFolder);
  if (name === "webgl") await import("@tensorflow/tfjs-backend-webgl");
  else await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend(name))) throw new Error(`${name} did not start`);
}
