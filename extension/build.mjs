// `npm run build`: dist/ is the loadable extension (its model is put into dist/model/ by training), build/ the tools.
import { build } from "esbuild";
import { cp, mkdir } from "node:fs/promises";

const WASM = "node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";

const shared = { bundle: true, target: "es2022", legalComments: "none", logLevel: "warning" };

// TF.js reaches for CommonJS names when it finds itself in Node.
const NODE_BANNER = `import { createRequire as __createRequire } from "node:module";
import { dirname as __dirnameOf } from "node:path";
import { fileURLToPath as __pathOf } from "node:url";
const require = __createRequire(import.meta.url);
const __filename = __pathOf(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

async function buildTools() {
  await mkdir("build", { recursive: true });
  await cp(WASM, "build/tfjs-backend-wasm-simd.wasm");
  await build({
    ...shared,
    entryPoints: ["tools/parity.ts"],
    outfile: "build/parity.mjs",
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: NODE_BANNER },
  });
}

await buildTools();
