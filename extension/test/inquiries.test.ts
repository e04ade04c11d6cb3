import { expect, test, vi } from "vitest";
import { type Bundle } from "../src/bundle";
import { Failure } from "../src/failure";
import { type Source, type Strictness, type Verdict } from "../src/messages";
import { type Asker, Inquiries } from "../src/offscreen/inquiries";
import { Memory } from "../src/offscreen/memory";
import { FakeDisk } from "./fake_disk";
import { type Turn } from "../src/queue";

const BUNDLE = { id: "b", thresholds: { lenient: 0.9, balanced: 0.6, strict: 0.2 } } as unknown as Bundle;
const PICTURE = { address: "https://example.org/a.png", validator: "640x480" };
const SOURCE: Source = { kind: "url", url: PICTURE.address };

/** Waits until an asker has heard so many things. */
const hears = (asker: Heard, count = 1) => vi.waitFor(() => expect(asker.heard.length).toBe(count), { timeout: 5000 });

interface Heard extends Asker {
  readonly heard: (Verdict | "wanted")[];
}

function asker(strictness: Strictness = "balanced", urgent = false): Heard {
  const heard: Heard["heard"] = [];
  return { strictness, secret: false, page: "https://example.org/", urgent, heard, want: () => heard.push("wanted"), answer: (verdict) => heard.push(verdict) };
}

/** Inquiries whose examinations end when told to. */
function desk() {
  const examined: { turn: Turn; find: (probability: number) => void; fail: (error: Error) => void }[] = [];
  const inquiries = new Inquiries(
    BUNDLE,
    new Memory(new FakeDisk()),
    (_source, turn) =>
      new Promise((resolve, fail) => {
        const find = (probability: number) => resolve({ probability, fleeting: false });
        examined.push({ turn, find, fail });
      }),
    () => undefined,
  );
  return { inquiries, examined };
}

test("two who ask about the same picture are answered by one examination, each by its own strictness", async () => {
  const { inquiries, examined } = desk();
  const first = asker("strict");
  const second = asker("lenient");
  inquiries.ask(PICTURE, first);
  inquiries.ask(PICTURE, second);
  await hears(first);
  void inquiries.hand(first, SOURCE);

  examined[0]!.find(0.5);
  await hears(second);

  expect(first.heard).toEqual(["wanted", { kind: "cover" }]);
  expect(second.heard).toEqual([{ kind: "reveal" }]);
  expect(examined.length).toBe(1);
});

test("a picture that was judged is answered from memory, without a source", async () => {
  const { inquiries, examined } = desk();
  const first = asker();
  inquiries.ask(PICTURE, first);
  await hears(first);
  void inquiries.hand(first, SOURCE);
  examined[0]!.find(0.7);
  await hears(first, 2);

  const later = asker();
  inquiries.ask(PICTURE, later);
  await hears(later);

  expect(later.heard).toEqual([{ kind: "cover" }]);
});

test("when the first asker cancels before its source has come, the next one is asked for it", async () => {
  const { inquiries, examined } = desk();
  const [first, second] = [asker(), asker()];
  inquiries.ask(PICTURE, first);
  inquiries.ask(PICTURE, second);
  await hears(first);

  inquiries.cancel(first);
  void inquiries.hand(first, SOURCE);
  void inquiries.hand(second, SOURCE);
  examined[0]!.find(0.1);
  await hears(second, 2);

  expect(first.heard).toEqual(["wanted"]);
  expect(second.heard).toEqual(["wanted", { kind: "reveal" }]);
  expect(examined.length).toBe(1);
});

test("a source that ends with the asker who left is replaced by the next asker's", async () => {
  const { inquiries, examined } = desk();
  const [first, second] = [asker(), asker()];
  inquiries.ask(PICTURE, first);
  inquiries.ask(PICTURE, second);
  await hears(first);
  void inquiries.hand(first, SOURCE);

  inquiries.cancel(first);
  examined[0]!.fail(new Failure("fetchFailed"));
  await hears(second);
  void inquiries.hand(second, SOURCE);
  examined[1]!.find(0.1);
  await hears(second, 2);

  expect(second.heard).toEqual(["wanted", { kind: "reveal" }]);
});

test("when the last asker cancels, the examination is aborted and the next question begins anew", async () => {
  const { inquiries, examined } = desk();
  const first = asker();
  inquiries.ask(PICTURE, first);
  await hears(first);
  void inquiries.hand(first, SOURCE);

  inquiries.cancel(first);
  const again = asker();
  inquiries.ask(PICTURE, again);
  examined[0]!.fail(new Error("aborted"));
  await hears(again);

  expect(examined[0]!.turn.signal.aborted).toBe(true);
  expect(first.heard).toEqual(["wanted"]);
  expect(again.heard).toEqual(["wanted"]);
});

test("an examination is as urgent as the most urgent of its askers", async () => {
  const { inquiries, examined } = desk();
  const [first, second] = [asker(), asker("balanced", true)];
  inquiries.ask(PICTURE, first);
  await hears(first);
  void inquiries.hand(first, SOURCE);
  const { turn } = examined[0]!;
  const seen = [turn.urgent];

  inquiries.ask(PICTURE, second);
  seen.push(turn.urgent);
  inquiries.hurry(second, false);
  seen.push(turn.urgent);
  inquiries.hurry(first, true);
  seen.push(turn.urgent);
  inquiries.cancel(first);
  seen.push(turn.urgent);

  expect(seen).toEqual([false, true, false, true, false]);
});

test("a failure is answered with its reason and is not remembered", async () => {
  const { inquiries, examined } = desk();
  const first = asker();
  inquiries.ask(PICTURE, first);
  await hears(first);
  void inquiries.hand(first, SOURCE);

  examined[0]!.fail(new Failure("undecodable"));
  await hears(first, 2);
  const again = asker();
  inquiries.ask(PICTURE, again);
  await hears(again);

  expect(first.heard).toEqual(["wanted", { kind: "error", reason: "undecodable" }]);
  expect(again.heard).toEqual(["wanted"]);
});

test("the reader's own word counts more than the model's, until it is taken back", async () => {
  const { inquiries } = desk();
  const [open, then, afterwards] = [asker(), asker(), asker()];
  inquiries.ask(PICTURE, open);
  await hears(open);

  inquiries.overrule(PICTURE, "cover", false);
  inquiries.ask(PICTURE, then);
  await hears(then);
  inquiries.overrule(PICTURE, undefined, false);
  inquiries.ask(PICTURE, afterwards);
  await hears(afterwards);

  expect(open.heard).toEqual(["wanted", { kind: "cover" }]);
  expect(then.heard).toEqual([{ kind: "cover" }]);
  expect(afterwards.heard).toEqual(["wanted"]);
});

test("a probability that is no number covers", async () => {
  const { inquiries, examined } = desk();
  const first = asker();
  inquiries.ask(PICTURE, first);
  await hears(first);
  void inquiries.hand(first, SOURCE);

  examined[0]!.find(NaN);
  await hears(first, 2);

  expect(first.heard.at(-1)).toEqual({ kind: "cover" });
});

test("pictures without an address are never one another, and nothing of them is remembered", async () => {
  const { inquiries, examined } = desk();
  const [first, second, later] = [asker(), asker(), asker()];
  const frame = { address: "", validator: "" };
  inquiries.ask(frame, first);
  inquiries.ask(frame, second);
  await Promise.all([hears(first), hears(second)]);
  void inquiries.hand(first, SOURCE);
  void inquiries.hand(second, SOURCE);

  examined[0]!.find(0.7);
  examined[1]!.find(0.1);
  await Promise.all([hears(first, 2), hears(second, 2)]);
  inquiries.ask(frame, later);
  await hears(later);

  expect(first.heard[1]).toEqual({ kind: "cover" });
  expect(second.heard[1]).toEqual({ kind: "reveal" });
  expect(later.heard).toEqual(["wanted"]);
});
