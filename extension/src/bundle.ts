/** What a released model is: `bundle.json` read, checked and held against the files beside it. */

import { type Strictness } from "./messages";
import { RESIZE_CONTRACT } from "./preprocess";

/** Reads one file of the bundle by its name relative to `bundle.json`; rejects when it is not there. */
export type ReadFile = (name: string) => Promise<ArrayBuffer>;

/** The part of a bundle that the network itself needs; an unfinished bundle (before its release) has no more. */
export interface ModelContract {
  /** Names of the classes, in the order of the probabilities. */
  readonly classes: readonly string[];
  readonly input: { readonly size: number };
}

/** A released bundle: also the class that is covered, from which probabilities on, and the sha256 of every file. */
export interface Bundle extends ModelContract {
  readonly id: string;
  readonly positive: string;
  readonly threshold: number;
  /** By strictness; all the same where the bundle knows only one. */
  readonly thresholds: Readonly<Record<Strictness, number>>;
  readonly files: Readonly<Record<string, string>>;
}

/** The bundle is not one, is of another format, or its files are not those that were released. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

const FORMAT = 1;

type Json = Record<string, unknown>;

export async function readJson(read: ReadFile, name: string): Promise<Json> {
  const text = new TextDecoder().decode(await read(name));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BundleError(`${name} is not JSON`);
  }
  if (typeof value !== "object" || value === null) throw new BundleError(`${name} is not an object`);
  return value as Json;
}

/** Checks the keys `classes` and `input`; throws BundleError naming the key that is wrong. */
export function modelContract(json: Json): ModelContract {
  const { classes } = json;
  const input = json["input"] as Json | undefined;
  if (!Array.isArray(classes) || classes.length < 2 || classes.some((name) => typeof name !== "string")) {
    throw new BundleError("bundle.json: classes: two or more names are needed");
  }
  const size = input?.["size"];
  if (!Number.isInteger(size) || (size as number) < 1) throw new BundleError("bundle.json: input.size: no size");
  if (input?.["resize"] !== RESIZE_CONTRACT) {
    throw new BundleError(`bundle.json: input.resize: this build only knows ${RESIZE_CONTRACT}`);
  }
  return { classes: classes as string[], input: { size: size as number } };
}

/** Checks a released `bundle.json`; throws BundleError naming the key that is wrong. */
export function releasedBundle(json: Json): Bundle {
  if (json["format"] !== FORMAT) throw new BundleError(`bundle.json: format: this build only knows ${FORMAT}`);
  const contract = modelContract(json);
  const { id, positive, files } = json;
  const { value: threshold, strictness } = (json["threshold"] ?? {}) as Json;
  if (typeof id !== "string") throw new BundleError("bundle.json: id: a name is needed");
  if (typeof positive !== "string" || !contract.classes.includes(positive)) {
    throw new BundleError("bundle.json: positive: not one of the classes");
  }
  if (!isProbability(threshold)) throw new BundleError("bundle.json: threshold.value: not in 0..1");
  if (typeof files !== "object" || files === null) throw new BundleError("bundle.json: files: missing");
  const thresholds = thresholdsBy(threshold, strictness as Json | undefined);
  return { ...contract, id, positive, threshold, thresholds, files: files as Record<string, string> };
}

const isProbability = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;

function thresholdsBy(threshold: number, strictness: Json = {}): Bundle["thresholds"] {
  const { lenient = threshold, balanced = threshold, strict = threshold } = strictness;
  if (!isProbability(lenient) || !isProbability(balanced) || !isProbability(strict)) {
    throw new BundleError("bundle.json: threshold.strictness: not in 0..1");
  }
  return { lenient, balanced, strict };
}

/** The probability of the class that is covered. */
export function positiveProbability(bundle: Bundle, probabilities: readonly number[]): number {
  return probabilities[bundle.classes.indexOf(bundle.positive)]!;
}

/** A reader that hands out only what was released: unlisted or altered files reject with BundleError. */
export function verifying(read: ReadFile, files: Bundle["files"]): ReadFile {
  return async (name) => {
    const expected = Object.hasOwn(files, name) ? files[name] : undefined;
    if (expected === undefined) throw new BundleError(`${name} is not listed in bundle.json`);
    const bytes = await read(name);
    if ((await sha256(bytes)) !== expected) throw new BundleError(`${name} is not the file that was released`);
    return bytes;
  };
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
