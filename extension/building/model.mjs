// The released model, model/: never in a build unless it is whole and was measured as it is.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";

const RELEASED = "model";
const MANIFEST = "bundle.json";

/**
 * The names of the released model's files; none where nothing has been released. Rejects, naming the way out, when
 * they are not what was released.
 * @returns {Promise<string[]>}
 */
export async function releasedFiles() {
  if (!existsSync(`${RELEASED}/${MANIFEST}`)) return [];
  const { files, parity } = await manifestOf(RELEASED);
  await checkFiles(files);
  checkParity(parity, files);
  // Not the folder as it is: the card and the history beside them are for people.
  return [...Object.keys(files), MANIFEST];
}

/**
 * Puts released files into a folder, in the place of what is there.
 * @param {string[]} names
 * @param {string} folder
 */
export async function copyReleased(names, folder) {
  await rm(folder, { recursive: true, force: true });
  for (const name of names) await cp(`${RELEASED}/${name}`, `${folder}/${name}`);
}

/**
 * Whether a folder holds a model that a training has put there: only a release says so of itself.
 * @param {string} folder
 */
export async function isTrained(folder) {
  return existsSync(`${folder}/${MANIFEST}`) && !("released" in (await manifestOf(folder)));
}

/** @param {string} folder */
async function manifestOf(folder) {
  return JSON.parse(await readFile(`${folder}/${MANIFEST}`, "utf8"));
}

/** @param {Record<string, string>} files */
async function checkFiles(files) {
  for (const [name, expected] of Object.entries(files)) {
    const found = createHash("sha256").update(await readFile(`${RELEASED}/${name}`)).digest("hex");
    if (found !== expected) throw new Error(`${RELEASED}/${name} is not the file that was released: check it out again`);
  }
}

/**
 * Keras and TF.js were compared, on these very files, and agreed.
 * @param {{ bound: number, pictures: number, tfjs: number, saved_model: number, files?: Record<string, string> }} parity
 * @param {Record<string, string>} files
 */
function checkParity(parity, files) {
  const record = `${RELEASED}/${MANIFEST}: parity`;
  const measured = parity?.files ?? {};
  for (const name of new Set([...Object.keys(files), ...Object.keys(measured)])) {
    if (measured[name] !== files[name]) {
      throw new Error(`${record} was not measured on this ${name}: let \`flinch release\` measure and place the model`);
    }
  }
  const { bound, pictures, tfjs, saved_model } = parity;
  const measurements = [bound, pictures, tfjs, saved_model];
  if (!measurements.every(Number.isFinite) || pictures < 1 || Math.max(tfjs, saved_model) > bound) {
    throw new Error(`${record} is not within its bound: this model answers otherwise in the browser than in training`);
  }
}
