import { expect, test } from "vitest";
import { type Act, HOLD_MS, PATIENCE_MS, SETTLE_MS, UNDECIDED, deliberate } from "../src/deliberate";

/** The moments at which a course of acts shows the picture. */
function meantAt(...acts: [Act, number][]): number[] {
  const moments: number[] = [];
  let state = UNDECIDED;
  for (const [act, now] of acts) {
    const step = deliberate(state, act, now);
    state = step.state;
    if (step.meant) moments.push(now);
  }
  return moments;
}

test("a button held long enough is meant, once", () => {
  expect(meantAt(["down", 0], ["wait", HOLD_MS], ["wait", HOLD_MS + 10], ["press", HOLD_MS + 20])).toEqual([HOLD_MS]);
});

test("a button let go too early is not meant, nor is one that the pointer has left", () => {
  expect(meantAt(["down", 0], ["press", HOLD_MS - 1], ["wait", 2 * HOLD_MS])).toEqual([]);
  expect(meantAt(["down", 0], ["leave", 100], ["wait", HOLD_MS], ["wait", 2 * HOLD_MS])).toEqual([]);
});

test("a second press after a pause is meant", () => {
  const second = 100 + SETTLE_MS;
  expect(meantAt(["down", 0], ["press", 100], ["down", second - 20], ["press", second])).toEqual([second]);
});

test("a double-click is not meant, and neither is a hail of clicks", () => {
  const clicks = Array.from({ length: 20 }, (_, n): [Act, number] => ["press", n * (SETTLE_MS - 1)]);

  expect(meantAt(...clicks.slice(0, 2))).toEqual([]);
  expect(meantAt(...clicks)).toEqual([]);
});

test("a first press is forgotten after a while, and when the pointer is dragged away", () => {
  const late = PATIENCE_MS + 1;
  expect(meantAt(["press", 0], ["press", late])).toEqual([]);
  expect(meantAt(["press", 0], ["down", 1000], ["leave", 1100], ["press", 2000])).toEqual([]);
});

test("what is armed stays armed until its time is over", () => {
  const { state } = deliberate(UNDECIDED, "press", 0);

  expect(deliberate(state, "wait", PATIENCE_MS - 1).state.armedAt).toBe(0);
  expect(deliberate(state, "wait", PATIENCE_MS).state.armedAt).toBeUndefined();
});
