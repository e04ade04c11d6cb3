// `npm run build`: dist/ is the loadable extension for Chrome, build/ the tools. `node build.mjs firefox` makes
// dist-firefox/ instead.
//
// Training puts the newest model into dist/model/ and a new build keeps it there; without one, dist/model/ is the
// released model of model/ (`flinch release`).
import { mkdir, readdir, rm } from "node:fs/promises";
import { BROWSERS, browserNamed } from "./building/browsers.mjs";
import { buildExtension } from "./building/extension.mjs";
import { buildLibrary } from "./building/library.mjs";
import { copyReleased, isTrained, releasedFiles } from "./building/model.mjs";
import { buildTools } from "./building/tools.mjs";

/**
 * The model is training's to replace: a new build of the code keeps it.
 * @param {string} folder
 */
async function emptyExceptModel(folder) {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name !== "model") await rm(`${folder}/${name}`, { recursive: true });
  }
}

const browser = browserNamed(process.argv[2]);
const { folder } = BROWSERS[browser];
// First: where the released model is refused, it takes these to measure and release another.
if (browser === "chrome") await buildTools();
const released = await releasedFiles();
if (browser === "chrome") await buildLibrary(released);
await emptyExceptModel(folder);
await buildExtension(browser, folder);
// Lets a fresh clone cover pictures without any training.
if (released.length > 0 && !(await isTrained(`${folder}/model`))) await copyReleased(released, `${folder}/model`);
