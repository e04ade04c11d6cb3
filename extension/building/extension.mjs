// The extension as a browser loads it, without a model.
import { build } from "esbuild";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { BROWSERS, manifestFor } from "./browsers.mjs";

const WASM_FILE = "tfjs-backend-wasm-simd.wasm";

/** TF.js' wasm backend. */
export const WASM = `node_modules/@tensorflow/tfjs-backend-wasm/dist/${WASM_FILE}`;

/**
 * TF.js' threads are never started (classifier.ts), and the text of their workers loads scripts by any URL: a store's
 * reviewer should not have to find out that it is never run.
 * @type {import("esbuild").Plugin}
 */
const withoutThreads = {
  name: "without threads",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /tfjs-backend-wasm-threaded-simd/ }, ({ path }) => ({ path, namespace: "no threads" }));
    onLoad({ filter: /.*/, namespace: "no threads" }, () => ({
      contents: 'export default undefined; export const wasmWorkerContents = "";',
    }));
  },
};

/** @satisfies {import("esbuild").BuildOptions} */
export const shared = {
  bundle: true,
  target: "es2022",
  legalComments: /** @type {const} */ ("linked"),
  logLevel: /** @type {const} */ ("warning"),
  plugins: [withoutThreads],
  // Names of chunks come from the paths of what is in them, which must not depend on where the packages lie.
  preserveSymlinks: true,
};

/**
 * Browser scripts must not see Node: TF.js asks for its modules only where it finds itself there.
 * @satisfies {import("esbuild").BuildOptions}
 */
export const inBrowser = {
  ...shared,
  platform: /** @type {const} */ ("browser"),
  format: /** @type {const} */ ("iife"),
  minify: true,
};

/**
 * Fills an empty folder.
 * @param {import("./browsers.mjs").Browser} browser
 * @param {string} folder
 */
export async function buildExtension(browser, folder) {
  const { scripts, define } = BROWSERS[browser];
  await cp("public", folder, { recursive: true });
  if (!("offscreen" in scripts)) await rm(`${folder}/offscreen.html`);
  await cp(WASM, `${folder}/${WASM_FILE}`);
  const manifest = manifestFor(browser, await json("public/manifest.json"), await version());
  await writeFile(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  await build({
    ...inBrowser,
    entryPoints: {
      ...scripts,
      content: "src/content/main.ts",
      page: "src/page.ts",
      worker: "src/worker/main.ts",
      popup: "src/popup/main.ts",
      options: "src/options/main.ts",
      welcome: "src/welcome/main.ts",
    },
    define,
    outdir: folder,
  });
  // Modules: the backends that most computers do not need are chunks of their own.
  await build({
    ...inBrowser,
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    entryPoints: { graphics: "src/worker/graphics.ts", trial: "src/worker/trial.ts" },
    outdir: folder,
  });
}

/** The version of this build: package.json is where it is written. */
export const version = async () => (await json("package.json")).version;

/** @param {string} path */
async function json(path) {
  return JSON.parse(await readFile(path, "utf8"));
}
