import { expect, test } from "vitest";
import { hasShape, shapeOf } from "../src/shape";

const size = (width: number, height: number) => ({ width, height });

test("a validator that is a size is the shape, any other says nothing", () => {
  expect(shapeOf({ address: "a", validator: "640x480" })).toEqual(size(640, 480));
  expect(shapeOf({ address: "a", validator: "opening" })).toBe(undefined);
  expect(shapeOf({ address: "a", validator: "" })).toBe(undefined);
});

test.each([
  ["the same size", size(640, 480), size(640, 480), true],
  ["twice the density, rounded", size(101, 51), size(51, 26), true],
  ["turned by its orientation", size(480, 640), size(640, 480), true],
  ["a smaller file of the same proportions", size(320, 240), size(640, 480), true],
  ["another picture", size(200, 200), size(640, 480), false],
  ["a sign in the place of a banner", size(300, 250), size(728, 90), false],
  ["a single pixel in the place of a photograph", size(1, 1), size(640, 480), false],
])("%s", (_what, file, shown, same) => {
  expect(hasShape(file, shown)).toBe(same);
});
