import { readFile, readdir } from "node:fs/promises";
import { expect, test } from "vitest";

type Messages = Record<string, { message: string; description?: string; placeholders?: Record<string, { content: string }> }>;

const messages: Messages = JSON.parse(await readFile("public/_locales/en/messages.json", "utf8"));
const pages = await Promise.all(
  (await readdir("public")).filter((name) => name.endsWith(".html")).map((name) => readFile(`public/${name}`, "utf8")),
);

test("every word that a page asks for is there", () => {
  const asked = pages.flatMap((page) => [...page.matchAll(/data-words(?:-label)?="(\w+)"/g)].map(([, key]) => key!));

  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter((key) => !(key in messages))).toEqual([]);
});

test("every problem of a setting has its sentence", async () => {
  const [, names] = /export type Problem =([^;]*);/.exec(await readFile("src/settings.ts", "utf8"))!;
  const problems = [...names!.matchAll(/"(\w+)"/g)].map(([, name]) => `problem_${name}`);

  expect(problems.length).toBeGreaterThan(5);
  expect(problems.filter((key) => !(key in messages))).toEqual([]);
});

test("every place in a sentence is filled", () => {
  for (const [key, { message, placeholders = {} }] of Object.entries(messages)) {
    const places = [...message.matchAll(/\$(\w+)\$/g)].map(([, name]) => name!.toLowerCase());
    expect([key, [...new Set(places)].sort()]).toEqual([key, Object.keys(placeholders).sort()]);
  }
});

test("every sentence says to translators where it stands", () => {
  expect(Object.keys(messages).filter((key) => (messages[key]!.description ?? "") === "")).toEqual([]);
});

test("a sentence gets values exactly where it has places for them", async () => {
  const files = (await readdir("src", { recursive: true })).filter((name) => name.endsWith(".ts"));
  const source = (await Promise.all(files.map((name) => readFile(`src/${name}`, "utf8")))).join("\n");
  const asked = [...source.matchAll(/\bwords\("(\w+)"([,)])/g)].map(([, key, next]) => [key!, next === ","] as const);

  expect(asked.length).toBeGreaterThan(30);
  expect(asked.filter(([key, values]) => values !== (messages[key]?.placeholders !== undefined))).toEqual([]);
});
