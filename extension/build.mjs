// `npm run build`: dist/ is the loadable extension, build/ the tools.
//
// Training puts the newest model into dist/model/ and a new build keeps it there; without one, dist/model/ is the
// released model of model/ (`flinch release`).
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";

const WASM_FILE = "tfjs-backend-wasm-simd.wasm";
const WASM = `node_modules/@tensorflow/tfjs-backend-wasm/dist/${WASM_FILE}`;

// Tools that run in a browser, each a page and a script.
const PAGES = ["golden", "judge", "timing"];

const RELEASED = "model";

const shared = { bundle: true, target: "es2022", legalComments: "linked", logLevel: "warning" };

// TF.js reaches for CommonJS names when it finds itself in Node.
const NODE_BANNER = `import { createRequire as __createRequire } from "node:module";
import { dirname as __dirnameOf } from "node:path";
import { fileURLToPath as __pathOf } from "node:url";
const require = __createRequire(import.meta.url);
const __filename = __pathOf(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

// Browser scripts must not see Node: TF.js asks for these modules only where it finds itself there.
const inBrowser = { ...shared, platform: "browser", format: "iife", minify: true };

async function buildExtension() {
  await emptyExceptModel("dist");
  await cp("public", "dist", { recursive: true });
  await cp(WASM, `dist/${WASM_FILE}`);
  await addReleasedModel();
  await build({
    ...inBrowser,
    entryPoints: {
      background: "src/background.ts",
      content: "src/content/main.ts",
      offscreen: "src/offscreen/main.ts",
      worker: "src/worker/main.ts",
      popup: "src/popup/main.ts",
      options: "src/options/main.ts",
      welcome: "src/welcome/main.ts",
    },
    outdir: "dist",
  });
}

/** The model is training's to replace: a new build of the code keeps it. */
async function emptyExceptModel(folder) {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name !== "model") await rm(`${folder}/${name}`, { recursive: true });
  }
}

/** Lets a fresh clone cover pictures without any training; a model that training has installed stays. */
async function addReleasedModel() {
  if (!existsSync(`${RELEASED}/bundle.json`)) return;
  const { files } = await manifestOf(RELEASED);
  for (const [name, expected] of Object.entries(files)) {
    const found = createHash("sha256").update(await readFile(`${RELEASED}/${name}`)).digest("hex");
    if (found !== expected) throw new Error(`${RELEASED}/${name} is not the file that was released: check it out again`);
  }
  // Only a release says so of itself: an older one is replaced.
  if (existsSync("dist/model/bundle.json") && !("released" in (await manifestOf("dist/model")))) return;
  await rm("dist/model", { recursive: true, force: true });
  // Not the folder as it is: the card and the history beside them are for people.
  for (const name of [...Object.keys(files), "bundle.json"]) await cp(`${RELEASED}/${name}`, `dist/model/${name}`);
}

async function manifestOf(folder) {
  return JSON.parse(await readFile(`${folder}/bundle.json`, "utf8"));
}

async function buildTools() {
  await mkdir("build", { recursive: true });
  await cp(WASM, `build/${WASM_FILE}`);
  for (const page of PAGES) await cp(`tools/${page}.html`, `build/${page}.html`);
  await build({ ...inBrowser, entryPoints: PAGES.map((page) => `tools/${page}.ts`), outdir: "build" });
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

await buildExtension();
await buildTools();
