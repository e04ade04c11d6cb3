import { expect, test } from "vitest";
import { outcomeOf } from "../src/feedback/answer";
import { Courier, EMPTY, MOST_REPORTS, OLDEST_MS, type Outbox, type Outcome, afterTry, withReport } from "../src/feedback/outbox";
import { type Waiting, bodyOf, classesOf, waitingReport } from "../src/feedback/report";

const MINUTE = 60_000;
const report = (name: string, at = 0): Waiting => ({ url: `https://example.com/${name}`, says: "harmless", at });

/** A courier whose service answers what `answer` says, at the time `clock.now`. */
function world(answer: (report: Waiting, signal: AbortSignal) => Promise<Outcome> | Outcome) {
  let kept: Outbox = EMPTY;
  const sent: string[] = [];
  const clock = { now: 0 };
  const store = { read: async () => kept, write: async (outbox: Outbox) => void (kept = structuredClone(outbox)) };
  const send = async (one: Waiting, signal: AbortSignal) => {
    sent.push(one.url.slice("https://example.com/".length));
    return answer(one, signal);
  };
  const courier = new Courier(store, send, () => clock.now, () => 1);
  return { courier, sent, clock, kept: () => kept };
}

test("reports are delivered in the order in which they were made", async () => {
  const { courier, sent, kept } = world(() => ({ kind: "delivered" }));
  await Promise.all([courier.add(report("a")), courier.add(report("b")), courier.add(report("c"))]);

  await courier.deliver();

  expect(sent).toEqual(["a", "b", "c"]);
  expect(kept()).toEqual(EMPTY);
});

test("while nobody answers, each try waits twice as long, at most six hours", async () => {
  const { courier, clock, kept } = world(() => ({ kind: "later" }));
  await courier.add(report("a"));

  const waits = [];
  for (let round = 0; round < 12; round++) {
    await courier.deliver();
    waits.push((kept().notBefore - clock.now) / MINUTE);
    clock.now = kept().notBefore;
  }

  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
  expect(kept().reports).toHaveLength(1);
});

test("the wait is spread, and is as long as the service asks for, within a day", () => {
  const wait = (outcome: Outcome, chance: number) => afterTry(EMPTY, report("a"), outcome, 0, chance).notBefore / MINUTE;

  expect(wait({ kind: "later" }, 0)).toBe(0.5);
  expect(wait({ kind: "later" }, 1)).toBe(1);
  expect(wait({ kind: "later", after: 10 * MINUTE }, 1)).toBe(10);
  expect(wait({ kind: "later", after: 9999 * MINUTE }, 1)).toBe(1440);
});

test("before its time nothing is tried, unless the reader wants it now", async () => {
  const { courier, sent } = world(() => ({ kind: "later" }));
  await courier.add(report("a"));
  await courier.deliver();

  await courier.add(report("b"));
  await courier.deliver();
  expect(sent).toEqual(["a"]);

  await courier.deliver(true);
  expect(sent).toEqual(["a", "a"]);
});

test("a refused report is given up and counted, and the next one tried", async () => {
  const { courier, sent, kept } = world(({ url }) => ({ kind: url.endsWith("a") ? "refused" : "delivered" }));
  await courier.add(report("a"));
  await courier.add(report("b"));

  await courier.deliver();

  expect(sent).toEqual(["a", "b"]);
  expect(kept()).toEqual({ ...EMPTY, lost: { refused: 1, tooOld: 0, noRoom: 0 } });
});

test("what is older than the service takes is given up unsent", async () => {
  const { courier, sent, clock, kept } = world(() => ({ kind: "delivered" }));
  await courier.add(report("a", 0));
  await courier.add(report("b", MINUTE));
  clock.now = OLDEST_MS;

  await courier.deliver();

  expect(sent).toEqual(["b"]);
  expect(kept().lost.tooOld).toBe(1);
});

test("the outbox is bounded, and the last word on a picture is the one that is sent", () => {
  let outbox = EMPTY;
  for (let number = 0; number <= MOST_REPORTS; number++) outbox = withReport(outbox, report(`${number}`));
  const again = withReport(outbox, { ...report("7"), says: "triggering" });

  expect(outbox.reports).toHaveLength(MOST_REPORTS);
  expect(outbox.reports[0]).toEqual(report("1"));
  expect(outbox.lost.noRoom).toBe(1);
  expect(again.reports).toHaveLength(MOST_REPORTS);
  expect(again.reports.filter(({ url }) => url === report("7").url)).toEqual([{ ...report("7"), says: "triggering" }]);
});

test("a word that is changed within a second, while the first is on its way, is sent, too", async () => {
  const changed: Waiting = { ...report("a"), says: "triggering" };
  const { courier, sent } = world(async (one) => {
    if (one.says === "harmless") await courier.add(changed);
    return { kind: "delivered" };
  });
  await courier.add(report("a"));

  await courier.deliver();

  expect(sent).toEqual(["a", "a"]);
});

test("emptying stops the try that is under way and forgets everything", async () => {
  let aborted = false;
  const { courier, sent, kept } = world(
    (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve({ kind: "later" });
        });
      }),
  );
  await courier.add(report("a"));
  await courier.add(report("b"));
  const round = courier.deliver();
  while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve));

  await courier.empty();
  await round;

  expect(aborted).toBe(true);
  expect(sent).toEqual(["a"]);
  expect(kept()).toEqual(EMPTY);
});

test("two rounds at once are one", async () => {
  const { courier, sent } = world(() => ({ kind: "delivered" }));
  await courier.add(report("a"));

  await Promise.all([courier.deliver(), courier.deliver(true)]);

  expect(sent).toEqual(["a"]);
});

test.each([
  [201, null, { kind: "delivered" }],
  [204, null, { kind: "delivered" }],
  [400, null, { kind: "refused" }],
  [404, null, { kind: "refused" }],
  [422, null, { kind: "refused" }],
  [408, null, { kind: "later" }],
  [429, "120", { kind: "later", after: 120_000 }],
  [429, "Fri, 20 Nov 2026 12:00:00 GMT", { kind: "later" }],
  [500, null, { kind: "later" }],
  [503, "-5", { kind: "later" }],
])("the answer %i with Retry-After %j means %j", (status, retryAfter, outcome) => {
  expect(outcomeOf(status, retryAfter)).toEqual(outcome);
});

test("what is sent is the address, a class of the model and the time, and nothing else", () => {
  const classes = classesOf({ classes: ["normal", "trypophobia"], positive: "trypophobia" });
  const made = waitingReport("https://me@example.com/a.jpg?fbclid=1#x", "triggering", Date.UTC(2026, 10, 20, 9, 30, 0, 987))!;

  expect(bodyOf(made, classes)).toEqual({
    url: "https://example.com/a.jpg",
    verdict: "trypophobia",
    reported_at: "2026-11-20T09:30:00Z",
  });
  expect(bodyOf({ ...made, says: "harmless" }, classes).verdict).toBe("normal");
});

test("a picture that may not be named is not reported", () => {
  expect(waitingReport("http://localhost/a.jpg", "harmless", 0)).toBeUndefined();
});
