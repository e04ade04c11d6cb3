import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Sketch } from "../src/offscreen/sketch";

const keys = (count: number): string[] => Array.from({ length: count }, () => randomBytes(32).toString("base64"));

test("what was added is never taken for unknown, and most of what was not is", () => {
  const sketch = new Sketch();
  const known = keys(5_000);
  const others = keys(2_000);

  for (const one of known) sketch.add(one);

  expect(known.every((one) => sketch.mayHave(one))).toBe(true);
  expect(others.filter((one) => sketch.mayHave(one)).length).toBeLessThan(100);
});

test("an empty one knows nothing", () => {
  expect(new Sketch().mayHave(keys(1)[0]!)).toBe(false);
});
