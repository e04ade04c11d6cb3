import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Again } from "../src/content/again";

let online: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", (_type: string, listener: () => void) => (online = listener));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what failed is asked for again, later and later, and not for ever", () => {
  const again = new Again();
  const asked: number[] = [];
  const ask = () => {
    asked.push(Date.now() - begun);
    again.later(subject, "a.png", "fetchFailed", ask);
  };
  const subject = {};
  const begun = Date.now();

  again.later(subject, "a.png", "fetchFailed", ask);
  vi.advanceTimersByTime(3600_000);

  expect(asked).toEqual([5_000, 35_000, 215_000]);
});

test("what cannot get better is not asked for again", () => {
  const ask = vi.fn();

  new Again().later({}, "a.png", "undecodable", ask);
  vi.advanceTimersByTime(3600_000);

  expect(ask).not.toHaveBeenCalled();
});

test("when the network is back everything that waits is asked for at once, and what has left is not", () => {
  const again = new Again();
  const [ask, gone] = [vi.fn(), vi.fn()];
  const left = {};
  again.later({}, "a.png", "fetchFailed", ask);
  again.later(left, "b.png", "fetchFailed", gone);

  again.leave(left);
  online();
  vi.advanceTimersByTime(3600_000);

  expect(ask).toHaveBeenCalledTimes(1);
  expect(gone).not.toHaveBeenCalled();
});
