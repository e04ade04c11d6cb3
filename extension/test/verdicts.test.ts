import { expect, test } from "vitest";
import { type Verdict, failed } from "../src/messages";
import { Verdicts, keyOf } from "../src/offscreen/verdicts";

const reveal: Verdict = { kind: "reveal" };

function counting(verdict: Verdict) {
  const judge = () => {
    judge.asked++;
    return Promise.resolve(verdict);
  };
  judge.asked = 0;
  return judge;
}

test("the same picture is judged once, also while the first verdict is on its way", async () => {
  const verdicts = new Verdicts();
  const judge = counting(reveal);

  const both = await Promise.all([verdicts.get("a", judge), verdicts.get("a", judge)]);

  expect(both).toEqual([reveal, reveal]);
  expect(judge.asked).toBe(1);
});

test("an error is not kept", async () => {
  const verdicts = new Verdicts();
  const judge = counting(failed("fetchFailed"));

  await verdicts.get("a", judge);
  await verdicts.get("a", judge);

  expect(judge.asked).toBe(2);
});

test("a verdict expires, as an address may serve another picture tomorrow", async () => {
  let now = 0;
  const verdicts = new Verdicts(10, 100, () => now);
  const judge = counting(reveal);
  await verdicts.get("a", judge);

  now = 100;
  await verdicts.get("a", judge);

  expect(judge.asked).toBe(2);
});

test("beyond its capacity the verdict that was unused for longest goes", async () => {
  const verdicts = new Verdicts(2);
  const judge = counting(reveal);
  for (const key of ["a", "b", "a", "c"]) await verdicts.get(key, judge);

  await verdicts.get("a", judge);
  const kept = judge.asked;
  await verdicts.get("b", judge);

  expect(kept).toBe(3);
  expect(judge.asked).toBe(4);
});

test("an address stands for itself, and bytes for themselves", async () => {
  const address = await keyOf({ kind: "url", url: "https://example.org/a.png" });
  const one = await keyOf({ kind: "url", url: "data:image/png;base64,AAAA" });
  const same = await keyOf({ kind: "url", url: "data:image/png;base64,AAAA" });
  const other = await keyOf({ kind: "pixels", base64: "AAAB" });

  expect(address).toBe("https://example.org/a.png");
  expect(one).toBe(same);
  expect(one).not.toBe(other);
  expect(one.length).toBeLessThan(40);
});
