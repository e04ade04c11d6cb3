// build/: what the parity gate, the timings and the tests run of this code outside the extension.
import { build } from "esbuild";
import { cp, mkdir } from "node:fs/promises";
import { basename } from "node:path";
import { WASM, inBrowser, shared } from "./extension.mjs";

const FOLDER = "build";

/** Tools that run in a browser, each a page and a script. */
const PAGES = ["golden", "judge", "timing"];

/** TF.js reaches for CommonJS names when it finds itself in Node. */
const NODE_BANNER = `import { createRequire as __createRequire } from "node:module";
import { dirname as __dirnameOf } from "node:path";
import { fileURLToPath as __pathOf } from "node:url";
const require = __createRequire(import.meta.url);
const __filename = __pathOf(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

/** Builds every tool. */
export async function buildTools() {
  await mkdir(FOLDER, { recursive: true });
  await cp(WASM, `${FOLDER}/${basename(WASM)}`);
  for (const page of PAGES) await cp(`tools/${page}.html`, `${FOLDER}/${page}.html`);
  await build({ ...inBrowser, entryPoints: PAGES.map((page) => `tools/${page}.ts`), outdir: FOLDER });
  await build({
    ...shared,
    entryPoints: ["tools/parity.ts"],
    outfile: `${FOLDER}/parity.mjs`,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: NODE_BANNER },
  });
}
