/** The worker that judges on the graphics processor, where a trial has shown that this pays. */

import { isBackend } from "../backend_names";
import { startBackend } from "./backends";
import { serve } from "./bench";

const asked = new URL(location.href).searchParams.get("backend");
const backend = isBackend(asked) ? asked : "webgl";

/** A graphics processor that was lost answers zeros, which would reveal everything. */
const addUp = (probabilities: readonly number[]): boolean =>
  Math.abs(probabilities.reduce((total, probability) => total + probability, 0) - 1) < 0.01;

serve((wasmFolder) => startBackend(backend, wasmFolder), addUp);
