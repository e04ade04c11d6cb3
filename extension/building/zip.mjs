// A folder as a zip file whose bytes depend on nothing but the names and contents of its files.
import { zipSync } from "fflate";
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** The format's first day. It keeps local time without a zone, and so does this: the same bytes in every zone. */
const FIRST_DAY = new Date(1980, 0, 1, 12);

/**
 * A compressor in JavaScript: that of Node's zlib gives other bytes on other processors and in other versions.
 * @param {string} folder
 * @returns {Promise<Uint8Array>}
 */
export async function zipOf(folder) {
  const names = await namesBelow(folder);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))]));
  return zipSync(Object.fromEntries(files), { level: 9, mtime: FIRST_DAY });
}

/** @param {string} folder */
async function namesBelow(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  // Sorted by code units, which no locale changes.
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/")).sort();
}
