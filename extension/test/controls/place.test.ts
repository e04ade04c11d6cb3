import { expect, test } from "vitest";
import { Anchor } from "../../src/content/controls/anchor";
import { type Box, type Point, at, contains, seen, spotFor, spotsFor } from "../../src/content/controls/place";

const viewport: Box = { x: 0, y: 0, width: 1000, height: 700 };
const pill = { width: 300, height: 40 };
const spots = spotsFor("img");

const boxAt = (picture: Box, pointer?: Point): Box => {
  const spot = spotFor(spots, picture, pill, viewport, pointer);
  return { ...at(spot, picture, pill, viewport, pointer), ...pill };
};

test("in a large picture the pill is at the bottom, and at the top when the pointer is there", () => {
  const picture = { x: 100, y: 100, width: 500, height: 400 };

  expect(spotFor(spots, picture, pill, viewport, { x: 300, y: 200 })).toBe("bottom");
  expect(spotFor(spots, picture, pill, viewport, { x: 300, y: 470 })).toBe("top");
  expect(spotFor(spotsFor("video"), picture, pill, viewport, { x: 300, y: 300 })).toBe("top");
});

test("at a small picture the pill is outside, below or where there is room", () => {
  expect(spotFor(spots, { x: 300, y: 300, width: 50, height: 50 }, pill, viewport, { x: 320, y: 320 })).toBe("below");
  expect(spotFor(spots, { x: 300, y: 640, width: 50, height: 50 }, pill, viewport, { x: 320, y: 660 })).toBe("above");
});

test("wherever the pointer is in whatever picture, the pill is in the viewport and not under it", () => {
  for (let seed = 1; seed < 3000; seed++) {
    const number = (n: number, below: number) => (Math.imul(seed * 7 + n, 2654435761) >>> 0) % below;
    const whole = { x: number(1, 1200) - 200, y: number(2, 900) - 200, width: 1 + number(3, 1200), height: 1 + number(4, 900) };
    const picture = seen(whole, viewport);
    if (picture === undefined) continue;
    const pointer = { x: picture.x + number(5, picture.width), y: picture.y + number(6, picture.height) };
    const box = boxAt(picture, pointer);

    expect(contains(box, pointer, 8)).toBe(false);
    expect(box.x).toBeGreaterThanOrEqual(8);
    expect(box.y).toBeGreaterThanOrEqual(8);
    expect(box.x + box.width).toBeLessThanOrEqual(viewport.width - 8);
    expect(box.y + box.height).toBeLessThanOrEqual(viewport.height - 8);
  }
});

test("a picture outside of the viewport is not seen, half of one is", () => {
  expect(seen({ x: 0, y: 700, width: 10, height: 10 }, viewport)).toBeUndefined();
  expect(seen({ x: -50, y: 650, width: 100, height: 100 }, viewport)).toEqual({ x: 0, y: 650, width: 50, height: 50 });
});

test("the pill keeps its spot while the page scrolls, unless that would bring it under the pointer", () => {
  const anchor = new Anchor();
  const pointer = { x: 300, y: 300 };
  const settle = (y: number, at = pointer) =>
    anchor.settle({ picture: { x: 100, y, width: 500, height: 400 }, pill, viewport, pointer: at, spots });
  const first = settle(100);

  expect(settle(150).y - first.y).toBe(50);
  expect(contains(settle(-140), pointer)).toBe(false);
});

test("the reader may go to the pill", () => {
  const anchor = new Anchor();
  const scene = { picture: { x: 100, y: 100, width: 500, height: 400 }, pill, viewport, spots };
  const first = anchor.settle({ ...scene, pointer: { x: 300, y: 200 } });

  expect(anchor.settle({ ...scene, pointer: { x: first.x + 20, y: first.y + 20 } })).toEqual(first);
});

test("a pill that shrinks and grows while its words change stays where the reader has gone to it", () => {
  const anchor = new Anchor();
  const scene = { picture: { x: 100, y: 100, width: 200, height: 100 }, viewport, spots };
  const pointer = { x: 250, y: 250 };
  const settle = (height: number, at: Point) => anchor.settle({ ...scene, pill: { width: 300, height }, pointer: at });
  settle(60, { x: 200, y: 150 });
  const before = settle(60, pointer);
  settle(30, pointer);

  expect(contains(before, pointer)).toBe(true);
  expect(settle(60, pointer)).toEqual(before);
});
