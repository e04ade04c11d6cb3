/** The worker that judges on wasm: what runs everywhere, and what the release was measured on. */

import { startWasm } from "../classifier";
import { serve } from "./bench";

serve(startWasm, () => true);
