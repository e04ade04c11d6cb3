/** What the reader has chosen; kept by `chrome.storage.sync`, so that it travels with the reader's browser profile. */

import { isServiceAddress } from "./feedback/service_address";
import { type CoverStyle, type Policy, type Strictness } from "./messages";
import { hostOf } from "./site";

export interface Settings {
  readonly on: boolean;
  readonly strictness: Strictness;
  readonly cover: CoverStyle;
  readonly canvases: boolean;
  /** Whether the toolbar button counts covered pictures. */
  readonly badge: boolean;
  /** Host names on which nothing is covered, their subdomains included. */
  readonly allowed: readonly string[];
  /** Reports are sent only when the reader has switched them on. */
  readonly reports: boolean;
  /** Address of the service that takes reports. */
  readonly reportTo: string;
}

export const DEFAULTS: Settings = {
  on: true,
  strictness: "balanced",
  cover: "blur",
  canvases: false,
  badge: true,
  allowed: [],
  reports: false,
  reportTo: "",
};

/** What holds before the service worker has answered: as careful as it gets. */
export const CAREFUL: Policy = { on: true, strictness: "balanced", cover: "blur", canvases: false, reports: false };

export const STRICTNESSES: readonly Strictness[] = ["lenient", "balanced", "strict"];
export const COVERS: readonly CoverStyle[] = ["blur", "solid", "pastel"];

/** What one item of `chrome.storage.sync` holds is 8,192 bytes, its name and quotation marks included. */
export const MOST_ALLOWED_BYTES = 8000;

/** What is wrong with a setting; `_locales` says each in a sentence as `problem_<name>`. */
export type Problem =
  | "notTrueOrFalse"
  | "notOneOf"
  | "notHosts"
  | "listFull"
  | "notServiceAddress"
  | "unknownKey"
  | "notJson"
  | "notSettings";

/** A setting that cannot be; `key` is its name, "" where it is about the whole. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(
    readonly key: string,
    readonly problem: Problem,
  ) {
    super(`${key}: ${problem}`);
  }
}

type Check<T> = (value: unknown, key: string) => T;

const trueOrFalse: Check<boolean> = (value, key) => {
  if (typeof value !== "boolean") throw new SettingsError(key, "notTrueOrFalse");
  return value;
};

const oneOf =
  <T extends string>(names: readonly T[]): Check<T> =>
  (value, key) => {
    if (!names.includes(value as T)) throw new SettingsError(key, "notOneOf");
    return value as T;
  };

const hosts: Check<readonly string[]> = (value, key) => {
  if (!Array.isArray(value)) throw new SettingsError(key, "notHosts");
  const found = value.map((one, place) => {
    const host = typeof one === "string" ? hostOf(one) : undefined;
    if (host === undefined) throw new SettingsError(`${key}[${place}]`, "notHosts");
    return host;
  });
  const list = [...new Set(found)].sort();
  if (JSON.stringify(list).length > MOST_ALLOWED_BYTES) throw new SettingsError(key, "listFull");
  return list;
};

const serviceAddress: Check<string> = (value, key) => {
  if (typeof value !== "string" || (value !== "" && !isServiceAddress(value))) {
    throw new SettingsError(key, "notServiceAddress");
  }
  return value;
};

const CHECKS: { readonly [K in keyof Settings]: Check<Settings[K]> } = {
  on: trueOrFalse,
  strictness: oneOf(STRICTNESSES),
  cover: oneOf(COVERS),
  canvases: trueOrFalse,
  badge: trueOrFalse,
  allowed: hosts,
  reports: trueOrFalse,
  reportTo: serviceAddress,
};

export const KEYS = Object.keys(DEFAULTS) as (keyof Settings)[];

/** The settings in what a store or a message holds; whatever is missing or damaged is as by default. */
export function parseSettings(stored: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(KEYS.map((key) => [key, orDefault(key, stored[key])])) as unknown as Settings;
}

function orDefault<K extends keyof Settings>(key: K, value: unknown): Settings[K] {
  try {
    return CHECKS[key](value, key);
  } catch {
    return DEFAULTS[key];
  }
}

/** The same, but whatever cannot be or is unknown throws SettingsError. */
export function checkSettings(given: Readonly<Record<string, unknown>>): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      if (!Object.hasOwn(CHECKS, key)) throw new SettingsError(key.slice(0, 40), "unknownKey");
      return [key, CHECKS[key as keyof Settings](value, key)];
    }),
  );
}

/** Never rejects: without a store, the defaults hold. */
export async function readSettings(): Promise<Settings> {
  return parseSettings(await chrome.storage.sync.get(KEYS).catch(() => ({})));
}

/** Rejects with SettingsError for what cannot be, and with what the store says, for instance when it is full. */
export async function writeSettings(change: Partial<Settings>): Promise<void> {
  await chrome.storage.sync.set(checkSettings(change));
}

/** Calls `listener` whenever a setting has changed, in whichever page or browser. */
export function onSettingsChanged(listener: (now: Settings, before: Settings) => void): void {
  chrome.storage.onChanged.addListener(async (changes, area) => {
    if (area !== "sync" || !KEYS.some((key) => key in changes)) return;
    const now = await readSettings();
    const old = Object.fromEntries(Object.entries(changes).map(([key, { oldValue }]) => [key, oldValue]));
    listener(now, parseSettings({ ...now, ...old }));
  });
}
