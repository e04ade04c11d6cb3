// `npm run package [-- firefox]`: packages/flinch-BROWSER-VERSION.zip, which a store takes. It is built in an empty
// folder and carries the released model, whatever dist/ holds; built twice from one source, it is the same bytes.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { browserNamed } from "./building/browsers.mjs";
import { buildExtension, version } from "./building/extension.mjs";
import { copyReleased, releasedFiles } from "./building/model.mjs";
import { zipOf } from "./building/zip.mjs";

const browser = browserNamed(process.argv[2]);
const released = await releasedFiles();
if (released.length === 0) throw new Error("model/ is empty: `flinch release` puts there what a package carries");
await mkdir("packages", { recursive: true });
const folder = await mkdtemp("packages/.building-");
try {
  await buildExtension(browser, folder);
  await copyReleased(released, `${folder}/model`);
  const file = `packages/flinch-${browser}-${await version()}.zip`;
  await writeFile(file, await zipOf(folder));
  console.log(`extension/${file}`);
} finally {
  await rm(folder, { recursive: true });
}
