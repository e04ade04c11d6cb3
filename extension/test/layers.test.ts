/** Who may import whom, held against the source: types count too, since by them layers grow together first. */

import { readFileSync, readdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const SRC = resolve("src");

/** Each runs in a place of its own and meets the others in messages only; what is no room is shared. */
const ROOMS = ["background", "content", "page", "offscreen", "worker", "popup", "options", "welcome"];

/** The library and the tools of the parity gate run this outside any extension. */
const ANYWHERE = ["bundle.ts", "classifier.ts", "decode.ts", "preprocess.ts"];

/** Firefox has one background for two rooms. */
const WIRING = ["firefox.ts"];

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

const textOf = (name: string) => readFileSync(resolve(SRC, name), "utf8");

const roomOf = (name: string) => ROOMS.find((room) => new RegExp(`^${room}\\b`).test(name));

/** Paths below src without their ending, and names of packages. */
function importsOf(name: string): string[] {
  const found = ts.preProcessFile(textOf(name)).importedFiles.map(({ fileName }) => fileName);
  return found.map((file) => (file.startsWith(".") ? relative(SRC, resolve(SRC, dirname(name), file)) : file));
}

const edges = sources.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

const read = (edge: { from: string; to: string }) => `${edge.from} imports ${edge.to}`;

test("a room imports itself and what is shared; what is shared imports no room", () => {
  const wrong = edges.filter(({ from, to }) => {
    const room = roomOf(to);
    return room !== undefined && room !== roomOf(from) && !WIRING.includes(from);
  });

  expect(wrong.map(read)).toEqual([]);
});

test("the network is imported by the worker alone", () => {
  const wrong = edges.filter(
    ({ from, to }) =>
      (to === "classifier" || to.startsWith("@tensorflow/")) &&
      roomOf(from) !== "worker" &&
      !ANYWHERE.includes(from),
  );

  expect(wrong.map(read)).toEqual([]);
});

test("the library takes from the extension only what knows nothing of it", () => {
  const { importedFiles } = ts.preProcessFile(readFileSync("library/index.ts", "utf8"));
  const taken = importedFiles.map(({ fileName }) => `${relative("../src", fileName)}.ts`);

  expect(taken.filter((name) => !ANYWHERE.includes(name))).toEqual([]);
});

test.each(ANYWHERE)("%s knows nothing of extensions, and imports nothing that does", (name) => {
  const found = [name];
  for (const file of found) {
    const own = importsOf(file).map((to) => `${to}.ts`).filter((to) => sources.includes(to) && !found.includes(to));
    found.push(...own);
  }

  expect(found.filter((file) => /\b(chrome|browser)\.\w/.test(textOf(file)))).toEqual([]);
});
