import { expect, test } from "vitest";
import { modelContract, positiveProbability, readJson, releasedBundle, verifying } from "../src/bundle";

const released = {
  format: 1,
  id: "toy-1",
  classes: ["normal", "toy"],
  positive: "toy",
  input: { size: 96, resize: "stretch-triangle" },
  threshold: { value: 0.6 },
  files: {},
};

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

test("a released bundle gives its classes, size, threshold and positive class", () => {
  const bundle = releasedBundle(released);

  expect(bundle).toMatchObject({ classes: ["normal", "toy"], input: { size: 96 }, threshold: 0.6 });
  expect(positiveProbability(bundle, [0.3, 0.7])).toBe(0.7);
});

test("of three classes the probability is that of the positive one, wherever it stands", () => {
  const bundle = releasedBundle({ ...released, classes: ["normal", "toy", "blurred"] });

  expect(bundle.classes).toHaveLength(3);
  expect(positiveProbability(bundle, [0.2, 0.3, 0.5])).toBe(0.3);
});

test.each([
  ["format", { format: 2 }],
  ["classes", { classes: ["one"] }],
  ["positive", { positive: "other" }],
  ["input.size", { input: { size: 0, resize: "stretch-triangle" } }],
  ["input.resize", { input: { size: 96, resize: "nearest" } }],
  ["threshold.value", { threshold: { value: NaN } }],
  ["threshold.value", { threshold: undefined }],
  ["files", { files: null }],
])("a bundle with a wrong %s is refused by that name", (key, change) => {
  expect(() => releasedBundle({ ...released, ...change })).toThrow(`bundle.json: ${key}`);
});

test("an unfinished bundle needs no more than classes and input", () => {
  const { classes, input } = released;

  expect(modelContract({ classes, input })).toEqual({ classes, input: { size: 96 } });
});

test("only files with the listed sha256 are handed out", async () => {
  const files = { "model.json": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" };
  const read = verifying(async (name) => bytes(name === "model.json" ? "hello" : "x"), files);
  const altered = verifying(async () => bytes("hello!"), files);

  expect(await read("model.json")).toEqual(bytes("hello"));
  await expect(altered("model.json")).rejects.toThrow("model.json is not the file that was released");
  await expect(read("other.bin")).rejects.toThrow("other.bin is not listed in bundle.json");
  await expect(read("constructor")).rejects.toThrow("constructor is not listed in bundle.json");
});

test("text that is no JSON object is refused by the file's name", async () => {
  await expect(readJson(async () => bytes("{"), "bundle.json")).rejects.toThrow("bundle.json is not JSON");
  await expect(readJson(async () => bytes("1"), "bundle.json")).rejects.toThrow("bundle.json is not an object");
});
