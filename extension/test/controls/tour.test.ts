import { expect, test } from "vitest";
import { Tour } from "../../src/content/controls/tour";

const stop = (name: string, bottom = 100) => ({ name, box: () => ({ bottom }) });
const [a, b, c] = [stop("a", -10), stop("b"), stop("c")];

test("the tour begins at the first picture that is not above the viewport, and goes round", () => {
  const tour = new Tour<typeof a>();
  const visited: string[] = [];
  for (let n = 0; n < 4; n++) {
    const next = tour.next([a, b, c])!;
    tour.visit(next, [a, b, c]);
    visited.push(next.name);
  }

  expect(visited).toEqual(["b", "c", "a", "b"]);
});

test("after a picture that was revealed meanwhile comes the one that followed it", () => {
  const tour = new Tour<typeof a>();
  tour.visit(b, [a, b, c]);

  expect(tour.next([a, c])).toBe(c);
});

test("whoever has gone elsewhere begins anew, and where there is nothing to visit nothing is", () => {
  const tour = new Tour<typeof a>();
  tour.visit(c, [a, b, c]);
  tour.leave();

  expect(tour.next([a, b, c])).toBe(b);
  expect(tour.next([])).toBeUndefined();
});
