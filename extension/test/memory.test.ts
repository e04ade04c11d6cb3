import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Memory } from "../src/offscreen/memory";
import { FakeDisk } from "./fake_disk";

const SIZED = { address: "https://example.org/a.png", validator: "640x480" };
const UNSIZED = { address: "https://example.org/b.png", validator: "" };
const LASTING = { fleeting: false, secret: false };
const DAY = 24 * 3600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a browser started anew knows: the disk alone. */
const restarted = (disk: FakeDisk) => new Memory(disk);

/** Waits until the disk has so many verdicts and words, however busy the machine is. */
const written = (memory: Memory, disk: FakeDisk, count = 1) =>
  vi.waitFor(
    async () => {
      await memory.counts();
      expect(disk.verdicts.size + disk.overrules.size).toBe(count);
    },
    { timeout: 5000 },
  );

/** Long enough for what is not to happen. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

test("what was judged outlives the browser", async () => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);

  memory.keep(SIZED, 0.25, LASTING);
  await written(memory, disk);

  expect(await restarted(disk).recall(SIZED)).toBe(0.25);
});

test("no address can be read on the disk", async () => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);

  memory.keep(SIZED, 0.25, LASTING);
  memory.overrule(UNSIZED, "cover", false);
  await written(memory, disk, 2);

  const keys = [...disk.verdicts.keys(), ...disk.overrules.keys()];
  expect(keys.length).toBe(2);
  for (const key of keys) expect(key).toMatch(/^[\w+/]{43}=$/);
});

test("a picture of another size under the same address is another picture", async () => {
  const memory = new Memory(new FakeDisk());
  memory.keep(SIZED, 0.25, LASTING);

  expect(await memory.recall({ ...SIZED, validator: "641x480" })).toBe(undefined);
});

test.each([
  [SIZED, 7 * DAY],
  [UNSIZED, DAY],
])("an answer on %o expires, in memory and on disk", async (picture, lifetime) => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);
  memory.keep(picture, 0.25, LASTING);
  await written(memory, disk);

  vi.setSystemTime(Date.now() + lifetime - 1000);
  const before = [await memory.recall(picture), await restarted(disk).recall(picture)];
  vi.setSystemTime(Date.now() + 1000);
  const after = [await memory.recall(picture), await restarted(disk).recall(picture)];

  expect(before).toEqual([0.25, 0.25]);
  expect(after).toEqual([undefined, undefined]);
});

test.each([
  ["a picture that its host wants asked for anew", SIZED, { fleeting: true, secret: false }],
  ["a blob", { address: "blob:https://example.org/1", validator: "2x2" }, LASTING],
  ["a private window's picture", SIZED, { fleeting: false, secret: true }],
])("%s is kept in memory alone", async (_what, picture, keeping) => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);

  memory.keep(picture, 0.25, keeping);
  await pause();
  await memory.counts();

  expect(await memory.recall(picture)).toBe(0.25);
  expect(disk.verdicts.size).toBe(0);
});

test("many answers are written at once", async () => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);

  for (let n = 0; n < 100; n++) memory.keep({ ...SIZED, address: `https://example.org/${n}` }, 0.5, LASTING);
  await written(memory, disk, 100);

  expect(disk.verdicts.size).toBe(100);
  expect(disk.writes).toBeLessThan(10);
});

test("the reader's word outlives the browser, counts more than the model's, and can be taken back at once", async () => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);
  memory.keep(SIZED, 0.25, LASTING);
  memory.overrule(SIZED, "cover", false);
  await written(memory, disk, 2);

  const later = restarted(disk);
  const said = await later.recall(SIZED);
  later.overrule(SIZED, undefined, false);
  const takenBack = await later.recall(SIZED);

  expect(said).toBe("cover");
  expect(takenBack).toBe(0.25);
});

test("forgetting verdicts leaves the reader's words, and the other way round", async () => {
  const disk = new FakeDisk();
  const memory = new Memory(disk);
  memory.keep(SIZED, 0.25, LASTING);
  memory.overrule(UNSIZED, "cover", false);
  await written(memory, disk, 2);

  await memory.forget("verdicts");
  const first = [await memory.recall(SIZED), await memory.recall(UNSIZED), await memory.counts()];
  await memory.forget("overrules");

  expect(first).toEqual([undefined, "cover", { verdicts: 0, overrules: 1 }]);
  expect(await memory.recall(UNSIZED)).toBe(undefined);
});

test("without a disk, memory goes on alone", async () => {
  const disk = new FakeDisk();
  disk.broken = true;
  const memory = new Memory(disk);

  memory.keep(SIZED, 0.25, LASTING);
  await pause();
  await memory.counts();

  expect(await memory.recall(SIZED)).toBe(0.25);
  expect(await memory.recall(UNSIZED)).toBe(undefined);
  expect(await memory.counts()).toEqual({ verdicts: 1, overrules: 0 });
});

test("a disk that does not answer holds nobody up", async () => {
  const disk = new FakeDisk();
  disk.slow = new Promise(() => undefined);
  const begun = performance.now();

  const known = await new Memory(disk).recall(SIZED);

  expect(known).toBe(undefined);
  expect(performance.now() - begun).toBeLessThan(1000);
});
