/**
 * What is known about pictures: what the model said, and the reader's own words. In memory first, then on disk;
 * without a disk, in memory alone.
 */

import { type Picture } from "../messages";
import { Recent } from "./recent";

/** A word of the reader's own, which counts more than the model's. */
export type Word = "reveal" | "cover";

/** What the model said of a picture. */
export interface Remembered {
  /** Probability of the class that is covered. */
  readonly probability: number;
  /** Milliseconds since 1970 from which on it does not count any more. */
  readonly until: number;
}

/** What is to be written; undefined takes a word back. */
export interface Batch {
  readonly verdicts: ReadonlyMap<string, Remembered>;
  readonly overrules: ReadonlyMap<string, Word | undefined>;
}

/** What outlives the browser. Every method rejects where there is no disk, or a full one. */
export interface Disk {
  /** Random bytes of this installation, so that no key tells an address. */
  salt(): Promise<Uint8Array>;
  recall(key: string): Promise<{ readonly verdict: Remembered | undefined; readonly word: Word | undefined }>;
  write(batch: Batch): Promise<void>;
  counts(): Promise<Counts>;
  clear(what: keyof Batch): Promise<void>;
}

export interface Counts {
  readonly verdicts: number;
  readonly overrules: number;
}

/** A probability of the model, or the reader's own word. */
export type Known = number | Word;

/** Said of a picture whose word was taken back: the disk may still have it. */
type Unsaid = "nothing";

/** How long an answer on a picture counts. */
export interface Keeping {
  /** The host asks for its picture anew every time: it may be another one soon. */
  readonly fleeting: boolean;
  /** Asked by a private window: nothing goes to the disk. */
  readonly secret: boolean;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A slow disk must not hold up what the network judges in a few milliseconds. */
const READ_MS = 100;
const WRITE_AFTER_MS = 1_000;

export class Memory {
  readonly #verdicts = new Recent<Remembered>(5_000);
  readonly #words = new Recent<Word | Unsaid>(5_000);
  readonly #disk: Disk;
  readonly #salt: Promise<Uint8Array>;
  #batch = { verdicts: new Map<string, Remembered>(), overrules: new Map<string, Word | undefined>() };
  #writing: ReturnType<typeof setTimeout> | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#salt = disk.salt();
    this.#salt.catch(complain);
  }

  /** What is known of a picture; never rejects, and answers within a tenth of a second. */
  async recall(picture: Picture): Promise<Known | undefined> {
    if (picture.address === "") return undefined;
    const name = nameOf(picture);
    const said = this.#words.get(name);
    const here = said === undefined || said === "nothing" ? stillGood(this.#verdicts.get(name)) : said;
    if (here !== undefined || isFleeting(picture)) return here;
    const disk = await within(READ_MS, this.#keyOf(name).then((key) => this.#disk.recall(key)));
    if (disk?.verdict !== undefined) this.#verdicts.set(name, disk.verdict);
    if (disk?.word !== undefined && said === undefined) {
      this.#words.set(name, disk.word);
      return disk.word;
    }
    return stillGood(disk?.verdict);
  }

  keep(picture: Picture, probability: number, { fleeting, secret }: Keeping): void {
    // Not digested, so megabytes perhaps, or not named at all; judged again within milliseconds.
    if (!isNamed(picture)) return;
    const name = nameOf(picture);
    const brief = fleeting || isFleeting(picture);
    // Without the size, a new picture under the same address would not be noticed.
    const lifetime = brief ? 10 * MINUTE : picture.validator === "" ? DAY : 7 * DAY;
    const verdict = { probability, until: Date.now() + lifetime };
    this.#verdicts.set(name, verdict);
    if (!brief && !secret) void this.#write(name, (key) => this.#batch.verdicts.set(key, verdict));
  }

  /** Undefined takes the reader's word back. */
  overrule(picture: Picture, word: Word | undefined, secret: boolean): void {
    if (picture.address === "") return;
    const name = nameOf(picture);
    this.#words.set(name, word ?? "nothing");
    if (!secret && !isFleeting(picture)) void this.#write(name, (key) => this.#batch.overrules.set(key, word));
  }

  /** How many pictures the disk remembers. */
  async counts(): Promise<Counts> {
    await this.#flush();
    return this.#disk.counts().catch(() => ({ verdicts: this.#verdicts.size, overrules: this.#words.size }));
  }

  async forget(what: keyof Batch): Promise<void> {
    (what === "verdicts" ? this.#verdicts : this.#words).clear();
    this.#batch[what].clear();
    await this.#disk.clear(what).catch(complain);
  }

  async #write(name: string, note: (key: string) => void): Promise<void> {
    try {
      note(await this.#keyOf(name));
    } catch {
      return; // there is no disk, which has been said already
    }
    this.#writing ??= setTimeout(() => void this.#flush(), WRITE_AFTER_MS);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const batch = this.#batch;
    if (batch.verdicts.size + batch.overrules.size === 0) return;
    this.#batch = { verdicts: new Map(), overrules: new Map() };
    await this.#disk.write(batch).catch(complain);
  }

  async #keyOf(name: string): Promise<string> {
    const salt = await this.#salt;
    const text = new TextEncoder().encode(name);
    const bytes = new Uint8Array(salt.length + text.length);
    bytes.set(salt);
    bytes.set(text, salt.length);
    return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))));
  }
}

/** The same for the same picture. */
export const nameOf = ({ address, validator }: Picture): string => `${validator} ${address}`;

const isNamed = ({ address }: Picture): boolean => address !== "" && !address.startsWith("data:");

/** Addresses that a page makes up as it goes, and those that it could not digest. */
const isFleeting = ({ address }: Picture): boolean => /^(blob|data):/.test(address);

const stillGood = (verdict: Remembered | undefined): number | undefined =>
  verdict !== undefined && verdict.until > Date.now() ? verdict.probability : undefined;

/** Undefined when the promise takes too long or rejects. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, ms));
  return Promise.race([promise.catch(() => undefined), late]);
}

function complain(error: unknown): void {
  console.error("flinch: nothing is remembered on disk:", error);
}
