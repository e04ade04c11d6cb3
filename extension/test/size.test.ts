import { expect, test } from "vitest";
import { blurRadius, isTiny } from "../src/content/size";

test("a picture is tiny when both sides are below 36 px", () => {
  expect(isTiny({ width: 35, height: 35 })).toBe(true);
  expect(isTiny({ width: 1, height: 36 })).toBe(false);
});

test("the blur is at least an eighth of the longer side", () => {
  expect(blurRadius({ width: 48, height: 20 })).toBe(6);
  expect(blurRadius({ width: 49, height: 20 })).toBe(12);
  expect(blurRadius({ width: 100, height: 400 })).toBe(96);
});

test("a picture without a box yet gets the strongest blur", () => {
  expect(blurRadius({ width: 0, height: 0 })).toBe(96);
});
