import { expect, test } from "vitest";
import { type BackendName } from "../src/backend_names";
import { type Trial, choose } from "../src/worker/choose";

const ANSWERS = [
  [0.9, 0.1],
  [0.2, 0.8],
];
const trial = (name: BackendName, median: number, answers: readonly (readonly number[])[] = ANSWERS): Trial => ({
  name,
  median,
  answers,
});

test.each<[string, Trial[], BackendName]>([
  ["wasm where there is nothing else", [trial("wasm", 10)], "wasm"],
  ["the one that is clearly faster", [trial("wasm", 10), trial("webgl", 5), trial("webgpu", 8)], "webgl"],
  ["the fastest of those", [trial("wasm", 10), trial("webgl", 5), trial("webgpu", 4)], "webgpu"],
  ["wasm when nothing is clearly faster", [trial("wasm", 10), trial("webgl", 8)], "wasm"],
  ["none that answers otherwise", [trial("wasm", 10), trial("webgl", 1, [[0.88, 0.12], ANSWERS[1]!])], "wasm"],
  ["none that answers no numbers", [trial("wasm", 10), trial("webgl", 1, [[NaN, NaN], ANSWERS[1]!])], "wasm"],
  ["none that was too slow to answer everything", [trial("wasm", 10), trial("webgl", 1, [ANSWERS[0]!])], "wasm"],
  ["wasm when even that did not run", [trial("webgl", 1)], "wasm"],
])("%s", (_what, trials, chosen) => {
  expect(choose(trials)).toBe(chosen);
});
