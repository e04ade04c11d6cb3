/**
 * `build/golden.html?bundle=URL`, served over http: a bundle's golden pictures through the browser's own decoder.
 *
 * `await flinchGolden` gives {"backend": "wasm", "probabilities": [[...], ...], "pixels": ["...", ...]}, where pixels
 * are the resized RGB in base64.
 */

import { type ReadFile, readJson } from "../src/bundle";
import { loadUnfinishedBundle } from "../src/classifier";
import { decode } from "../src/decode";
import { preprocess } from "../src/preprocess";

interface Golden {
  readonly backend: string;
  readonly probabilities: number[][];
  readonly pixels: string[];
}

async function run(base: URL): Promise<Golden> {
  const fetchFile = async (name: string) => {
    const response = await fetch(new URL(name, base));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response;
  };
  const read: ReadFile = async (name) => (await fetchFile(name)).arrayBuffer();
  const classifier = await loadUnfinishedBundle(read, new URL("./", location.href).href);
  const { size } = classifier.contract.input;
  const golden = (await readJson(read, "bundle.json"))["golden"] as { file: string }[];
  const result: Golden = { backend: "wasm", probabilities: [], pixels: [] };
  for (const { file } of golden) {
    const pixels = preprocess(await decode(await (await fetchFile(file)).blob()), size);
    result.pixels.push(btoa(Array.from(pixels, (value) => String.fromCharCode(value)).join("")));
    result.probabilities.push(await classifier.classifyResized(pixels));
  }
  return result;
}

const bundle = new URL(new URLSearchParams(location.search).get("bundle") ?? "bundle/", location.href);
(globalThis as unknown as { flinchGolden: Promise<Golden> }).flinchGolden = run(bundle);
