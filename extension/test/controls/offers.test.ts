import { expect, test } from "vitest";
import { type Asked, viewOf } from "../../src/content/controls/offers";
import { CAREFUL } from "../../src/settings";

const address = "https://pictures.example/a.png";
const reports = { ...CAREFUL, reports: true };
const offers = (asked: Partial<Asked>) =>
  viewOf({ state: "covered", addresses: [address], history: {}, policy: CAREFUL, justHid: false, ...asked })?.offers;

test("a covered picture can be shown, one that could not be judged can also be tried again", () => {
  expect(offers({})).toEqual(["show"]);
  expect(offers({ state: "hidden", reason: "fetchFailed" })).toEqual(["retry", "show"]);
  expect(offers({ state: "hidden", reason: "outdated" })).toEqual(["show"]);
});

test("of a picture that is shown, tiny or not judged yet there is nothing to say", () => {
  for (const state of ["shown", "tiny", "pending"] as const) expect(offers({ state })).toBeUndefined();
});

test("a revealed picture can be hidden again and, where reports are wanted, be called harmless once", () => {
  const revealed = { state: "revealed", history: { revealedFrom: "covered" } } as const;

  expect(offers(revealed)).toEqual(["hideAgain"]);
  expect(offers({ ...revealed, policy: reports })).toEqual(["hideAgain", "reportHarmless"]);
  expect(offers({ ...revealed, policy: reports, history: { ...revealed.history, reported: "harmless" } })).toEqual([
    "hideAgain",
  ]);
});

test("only a verdict of the model can be called wrong", () => {
  const revealed = { state: "revealed", policy: reports } as const;

  expect(offers({ ...revealed, history: { revealedFrom: "hidden" } })).toEqual(["hideAgain"]);
  expect(offers(revealed)).toEqual(["hideAgain"]);
});

test("a picture that the reader has hidden can be called triggering, and the hiding be undone while it is new", () => {
  const history = { hid: true };

  expect(offers({ history, justHid: true })).toEqual(["undo"]);
  expect(offers({ history, justHid: true, policy: reports })).toEqual(["undo", "reportTriggering"]);
  expect(offers({ history, policy: reports })).toEqual(["show", "reportTriggering"]);
});

test("pictures that are only on this computer, and one of several, are not reported", () => {
  const history = { hid: true };

  expect(offers({ history, policy: reports, addresses: ["sha256:00"] })).toEqual(["show"]);
  expect(offers({ history, policy: reports, addresses: [address, `${address}?2`] })).toEqual(["show"]);
});
