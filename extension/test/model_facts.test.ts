import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { factsOf } from "../src/pages/model_facts";

const thresholds = { lenient: 0.9, balanced: 0.8, strict: 0.1 };
const metrics = { n: 904, positives: 109, threshold: 0.8, precision: 59 / 61, recall: 59 / 109 };

test("shares are told as the counts that they were", () => {
  const { measured } = factsOf({ threshold: { strictness: thresholds }, metrics: { test: metrics } });

  expect(measured).toEqual([
    { level: "balanced", split: "test", triggering: 109, triggeringCovered: 59, others: 795, othersCovered: 2 },
  ]);
});

test("what was measured at another threshold, or not at all, is not told", () => {
  expect(factsOf({ threshold: { strictness: thresholds }, metrics: { test: { ...metrics, threshold: 0.5 } } }).measured).toEqual([]);
  expect(factsOf({ threshold: { strictness: thresholds }, metrics: { test: { ...metrics, recall: null } } }).measured).toEqual([]);
  expect(factsOf({ metrics: { test: metrics } })).toEqual({ measured: [] });
  expect(factsOf({})).toEqual({ measured: [] });
});

test("the released model says what it does on held-out pictures and on those of other sources", async () => {
  const released = JSON.parse(await readFile("model/bundle.json", "utf8"));

  const { measured } = factsOf(released);

  expect(measured.map(({ level, split }) => `${level} ${split}`)).toEqual(["balanced test", "balanced ood"]);
});
