/**
 * Flinch's classifier for any page: what the extension judges pictures by, as a module.
 *
 * The same decoding, resize and network as the extension's, from the same files of source.
 */

import { type Bundle, type ReadFile } from "../src/bundle";
import { type Classifier as Network, loadBundle } from "../src/classifier";
import { DECODING, decode, readBitmap } from "../src/decode";
import { type Rgba } from "../src/preprocess";

/** How readily a picture counts as triggering. */
export type Strictness = "lenient" | "balanced" | "strict";

/** The name of a class, and the probability that the picture is of it. */
export interface Prediction {
  readonly className: string;
  readonly probability: number;
}

/** What TensorFlow.js calls a tensor: [height, width, 3] or [1, height, width, 3], RGB in 0..255. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** A picture file, something drawn, its pixels, or a tensor of them. */
export type Input =
  | Blob
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | TensorLike;

export interface LoadOptions {
  /** The folder with the wasm file and, unless `model` says otherwise, model/; where this module lies by default. */
  readonly base?: string | URL;
  /** The folder with a released model's bundle.json. */
  readonly model?: string | URL;
}

export interface Classifier {
  /** Identifies the model. */
  readonly id: string;
  /** Names of the classes, in the order of the network. */
  readonly classes: readonly string[];
  /** The class of pictures that trigger. */
  readonly positive: string;
  /** The probability of the positive class from which on a picture counts as triggering. */
  readonly thresholds: Readonly<Record<Strictness, number>>;
  /**
   * The `topk` likeliest classes, the likeliest first. Of an animation the first frame counts.
   *
   * Rejects when the picture cannot be read: a broken file, or an element of another origin without CORS.
   */
  classify(input: Input, topk?: number): Promise<Prediction[]>;
  /** Whether predictions on all classes, or on the positive one at least, mean a triggering picture. */
  isTriggering(predictions: readonly Prediction[], strictness?: Strictness): boolean;
}

/**
 * Loads the model and warms it up; everything runs in the browser, no picture leaves it.
 *
 * Rejects when a file is missing or is not the one that was released.
 */
export async function load({ base = new URL("./", import.meta.url), model }: LoadOptions = {}): Promise<Classifier> {
  const folder = asFolder(base, location.href);
  const files = model === undefined ? new URL("model/", folder) : asFolder(model, location.href);
  const { bundle, classifier } = await loadBundle(readerOf(files), folder.href);
  return {
    id: bundle.id,
    classes: bundle.classes,
    positive: bundle.positive,
    thresholds: bundle.thresholds,
    classify: (input, topk) => classify(classifier, bundle, input, topk),
    isTriggering: (predictions, strictness) => isTriggering(bundle, predictions, strictness),
  };
}

function asFolder(address: string | URL, from: string): URL {
  const url = new URL(address, from);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function readerOf(folder: URL): ReadFile {
  return async (name) => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${new URL(name, folder).href}: ${response.status}`);
    return response.arrayBuffer();
  };
}

async function classify(network: Network, bundle: Bundle, input: Input, topk = Infinity): Promise<Prediction[]> {
  const probabilities = await network.classify(await pixelsOf(input));
  return bundle.classes
    .map((className, index) => ({ className, probability: probabilities[index]! }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, topk);
}

function isTriggering(bundle: Bundle, predictions: readonly Prediction[], strictness: Strictness = "balanced"): boolean {
  const found = predictions.find(({ className }) => className === bundle.positive);
  if (found === undefined) throw new RangeError(`no prediction on ${bundle.positive}: ask for all classes`);
  return !(found.probability < bundle.thresholds[strictness]);
}

async function pixelsOf(input: Input): Promise<Rgba> {
  if (input instanceof Blob) return decode(input);
  if (input instanceof ImageData) return input;
  if (isTensor(input)) return tensorPixels(input);
  if (input instanceof HTMLImageElement && !input.complete) await input.decode();
  const bitmap = await createImageBitmap(input, DECODING);
  try {
    return readBitmap(bitmap);
  } finally {
    bitmap.close();
  }
}

const isTensor = (input: Input): input is TensorLike => "shape" in input && "data" in input;

async function tensorPixels(tensor: TensorLike): Promise<Rgba> {
  const [height, width, channels] = tensor.shape.slice(-3) as [number, number, number];
  const pictures = tensor.shape.slice(0, -3).reduce((product, length) => product * length, 1);
  if (tensor.shape.length < 3 || channels !== 3 || pictures !== 1) {
    throw new RangeError(`a tensor of [${tensor.shape.join(", ")}] is no picture: [height, width, 3] is`);
  }
  const rgb = await tensor.data();
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    for (let channel = 0; channel < 3; channel++) data[to + channel] = rgb[from + channel]!;
  }
  return { width, height, data };
}
