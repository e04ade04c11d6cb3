import { expect, test } from "vitest";
import { DEFAULTS, MOST_ALLOWED_BYTES, SettingsError, checkSettings, parseSettings } from "../src/settings";
import { readExport, writeExport } from "../src/settings_file";

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return "";
}

test("a store without settings means the defaults", () => {
  expect(parseSettings({})).toEqual(DEFAULTS);
});

test("every damaged value falls back to its default, and the others stay", () => {
  const damaged = { on: "no", strictness: "very", cover: 3, canvases: null, badge: [], allowed: [7], reports: 1 };

  expect(parseSettings({ ...damaged, reportTo: "http://elsewhere.example" })).toEqual(DEFAULTS);
  expect(parseSettings({ ...damaged, cover: "solid", unknown: true })).toEqual({ ...DEFAULTS, cover: "solid" });
});

test("what cannot be is refused by the name of its key", () => {
  expect(problemOf(() => checkSettings({ on: 1 }))).toBe("on: notTrueOrFalse");
  expect(problemOf(() => checkSettings({ strictness: "toString" }))).toBe("strictness: notOneOf");
  expect(problemOf(() => checkSettings({ allowed: ["a.example", "b c"] }))).toBe("allowed[1]: notHosts");
  expect(problemOf(() => checkSettings({ reportTo: "https://me:secret@a.example" }))).toBe("reportTo: notServiceAddress");
  expect(problemOf(() => checkSettings({ limti: 1 }))).toBe("limti: unknownKey");
  expect(problemOf(() => checkSettings(JSON.parse('{"__proto__": {}}')))).toBe("__proto__: unknownKey");
});

test("the list of sites is kept in order and once each", () => {
  const { allowed } = checkSettings({ allowed: ["https://B.example/page", "a.example", "b.example"] });

  expect(allowed).toEqual(["a.example", "b.example"]);
});

test("a list of sites that one item of the store cannot hold is refused", () => {
  const many = Array.from({ length: 1000 }, (_, number) => `site-${number}.example.com`);
  const fitting = many.slice(0, 300);

  expect(problemOf(() => checkSettings({ allowed: many }))).toBe("allowed: listFull");
  expect(JSON.stringify(checkSettings({ allowed: fitting }).allowed).length).toBeLessThanOrEqual(MOST_ALLOWED_BYTES);
});

test("a service is encrypted or on this computer", () => {
  const kept = (reportTo: string) => parseSettings({ reportTo }).reportTo;

  expect(kept("https://flinch.example/base/")).toBe("https://flinch.example/base/");
  expect(kept("http://127.0.0.1:8080")).toBe("http://127.0.0.1:8080");
  expect(kept("http://localhost.example")).toBe("");
  expect(kept("ftp://127.0.0.1")).toBe("");
});

test("a written file is read as the same settings", () => {
  const settings = { ...DEFAULTS, cover: "pastel", allowed: ["a.example"], badge: false } as const;

  expect(readExport(writeExport(settings), DEFAULTS).settings).toEqual(settings);
});

test("a file that is none says so, and one that is says which key is wrong", () => {
  const file = (settings: unknown) => JSON.stringify({ format: "flinch-settings-1", settings });

  expect(problemOf(() => readExport("{", DEFAULTS))).toBe(": notJson");
  expect(problemOf(() => readExport("[]", DEFAULTS))).toBe("format: notSettings");
  expect(problemOf(() => readExport(file([]), DEFAULTS))).toBe("settings: notSettings");
  expect(problemOf(() => readExport(file({ cover: "none" }), DEFAULTS))).toBe("cover: notOneOf");
});

test("a file cannot begin to send reports, or send them elsewhere", () => {
  const here = { ...DEFAULTS, reports: true, reportTo: "https://here.example" };
  const file = (change: object) => writeExport({ ...DEFAULTS, ...change });

  expect(readExport(file({ reports: true, reportTo: "https://there.example" }), DEFAULTS)).toMatchObject({
    settings: { reports: false },
    reportsRefused: true,
  });
  expect(readExport(file({ reports: true, reportTo: "https://there.example" }), here).settings.reports).toBe(false);
  expect(readExport(file({ reports: true, reportTo: "https://here.example" }), here).settings.reports).toBe(true);
  const onlyAddress = JSON.stringify({ format: "flinch-settings-1", settings: { reportTo: "https://there.example" } });
  expect(readExport(onlyAddress, here).settings.reports).toBe(false);
});
