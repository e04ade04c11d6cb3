/** The extensions that are compared, each a folder that Chromium can load. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const BENCH = join(import.meta.dirname, "..");
const DIST = join(BENCH, "../extension/dist");
const SOURCES = join(BENCH, "../extension/src");
const PEERS = join(BENCH, "peers/page");
const NSFWJS_SIZE = 224;

/** Installs the peers and the browser's driver beside them: the extension's own packages stay as they are. */
export function install() {
  if (existsSync(join(PEERS, "node_modules/.package-lock.json"))) return;
  console.log("installing playwright-core and nsfwjs into bench/peers/page (373 MB, most of it TF.js)");
  execFileSync("npm", ["ci", "--no-fund", "--no-audit", "--ignore-scripts"], { cwd: PEERS, stdio: "inherit" });
}

/** Returns the folders by name; those that have to be built are put below `folder`. */
export async function sides(folder) {
  for (const name of ["manifest.json", "model/bundle.json"]) {
    if (!existsSync(join(DIST, name))) throw new Error(`extension/dist/${name} is not there: run make extension`);
  }
  return { ours: DIST, nsfwjs: await nsfwjsIn(join(folder, "nsfwjs")), rescanning: join(PEERS, "rescanning") };
}

/** Our extension, its worker built again around nsfwjs: `classifier.ts` is the one module that is replaced. */
async function nsfwjsIn(folder) {
  await cp(DIST, folder, { recursive: true });
  const bundle = join(folder, "model/bundle.json");
  const contract = JSON.parse(await readFile(bundle, "utf8"));
  await writeFile(bundle, JSON.stringify({ ...contract, input: { ...contract.input, size: NSFWJS_SIZE } }));
  const { build } = createRequire(join(PEERS, "package.json"))("esbuild");
  await build({
    entryPoints: { worker: join(SOURCES, "worker/main.ts") },
    outdir: folder,
    bundle: true,
    target: "es2022",
    platform: "browser",
    format: "iife",
    minify: true,
    legalComments: "none",
    logLevel: "error",
    nodePaths: [join(PEERS, "node_modules")],
    plugins: [{ name: "nsfwjs", setup: replaceClassifier }],
  });
  return folder;
}

function replaceClassifier({ onResolve }) {
  onResolve({ filter: /^\.{1,2}\/classifier$/ }, () => ({ path: join(PEERS, "nsfwjs_classifier.ts") }));
}
