import { expect, test } from "vitest";
import { limited } from "../src/limit";

const turn = () => new Promise((resolve) => setTimeout(resolve));

test("no more tasks than the limit run at once, and all of them run, in order", async () => {
  const run = limited(2);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const task = (number: number) => () => {
    started.push(number);
    return new Promise<number>((resolve) => finish.push(() => resolve(number)));
  };

  const results = Promise.all([0, 1, 2, 3].map((number) => run(task(number))));
  await turn();
  const atFirst = [...started];
  for (let done = 0; done < 4; done++) {
    finish[done]!();
    await turn();
  }

  expect(atFirst).toEqual([0, 1]);
  expect(started).toEqual([0, 1, 2, 3]);
  expect(await results).toEqual([0, 1, 2, 3]);
});

test("a task that fails makes room for the next one", async () => {
  const run = limited(1);
  const failing = run(() => Promise.reject(new Error("no")));

  const next = run(() => Promise.resolve("done"));

  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
});
