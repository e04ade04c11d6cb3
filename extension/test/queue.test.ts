import { expect, test } from "vitest";
import { Queue, type Turn } from "../src/queue";

const pause = () => new Promise((resolve) => setTimeout(resolve));

function turn(urgent = false) {
  const stop = new AbortController();
  return { urgent, signal: stop.signal, stop };
}

/** A queue whose tasks note that they began and end when told to. */
function bench(limit: number, patientLimit?: number) {
  const queue = new Queue(limit, patientLimit);
  const begun: string[] = [];
  const end = new Map<string, () => void>();
  const run = (name: string, its: Turn = turn()) =>
    queue.run(its, () => {
      begun.push(name);
      return new Promise<string>((resolve) => end.set(name, () => resolve(name)));
    });
  return { queue, begun, end, run };
}

test("no more tasks than the limit run at once, and all of them run, in order", async () => {
  const { run, begun, end } = bench(2);
  const results = Promise.all(["a", "b", "c", "d"].map((name) => run(name)));
  const atFirst = [...begun];

  for (const name of ["a", "b", "c", "d"]) {
    end.get(name)!();
    await pause();
  }

  expect(atFirst).toEqual(["a", "b"]);
  expect(begun).toEqual(["a", "b", "c", "d"]);
  expect(await results).toEqual(["a", "b", "c", "d"]);
});

test("an urgent task goes before all that are not, also when it became urgent while it waited", async () => {
  const { run, begun, end } = bench(1);
  const late = turn();
  for (const [name, its] of [["a", turn()], ["b", turn()], ["c", late], ["d", turn(true)]] as const) void run(name, its);

  late.urgent = true;
  for (const name of ["a", "c", "d", "b"]) {
    end.get(name)?.();
    await pause();
  }

  expect(begun).toEqual(["a", "c", "d", "b"]);
});

test("places are kept for urgent tasks, and one that becomes urgent takes such a place at once", () => {
  const { run, begun, queue } = bench(2, 1);
  const late = turn();
  void run("a");
  void run("b", late);
  const before = [...begun];

  late.urgent = true;
  queue.reconsider();

  expect(before).toEqual(["a"]);
  expect(begun).toEqual(["a", "b"]);
});

test("a task that is aborted while it waits leaves the line and never begins", async () => {
  const { run, begun, end } = bench(1);
  const gone = turn();
  void run("a");
  const waiting = run("b", gone);
  void run("c");

  gone.stop.abort();
  end.get("a")!();

  await expect(waiting).rejects.toThrow("abort");
  await pause();
  expect(begun).toEqual(["a", "c"]);
});

test("a task whose turn was over before it came is refused", async () => {
  const { run, begun } = bench(1);
  const gone = turn();
  gone.stop.abort();

  await expect(run("a", gone)).rejects.toThrow("abort");

  expect(begun).toEqual([]);
});

test("a task that fails makes room for the next one", async () => {
  const queue = new Queue(1);
  const failing = queue.run(turn(), () => Promise.reject(new Error("no")));

  const next = queue.run(turn(), () => Promise.resolve("done"));

  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
});
