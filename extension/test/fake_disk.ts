import { type Batch, type Disk, type Remembered, type Word } from "../src/offscreen/memory";

/** A disk in memory, whose every method rejects once it is broken. */
export class FakeDisk implements Disk {
  readonly verdicts = new Map<string, Remembered>();
  readonly overrules = new Map<string, Word>();
  writes = 0;
  broken = false;
  /** Resolves reads only when this does. */
  slow: Promise<void> = Promise.resolve();

  salt() {
    return this.#unlessBroken(new Uint8Array([1, 2, 3]));
  }

  async recall(key: string) {
    await this.slow;
    return this.#unlessBroken({ verdict: this.verdicts.get(key), word: this.overrules.get(key) });
  }

  write({ verdicts, overrules }: Batch) {
    this.writes++;
    for (const [key, verdict] of verdicts) this.verdicts.set(key, verdict);
    for (const [key, word] of overrules) {
      if (word === undefined) this.overrules.delete(key);
      else this.overrules.set(key, word);
    }
    return this.#unlessBroken(undefined);
  }

  counts() {
    return this.#unlessBroken({ verdicts: this.verdicts.size, overrules: this.overrules.size });
  }

  clear(what: keyof Batch) {
    this[what].clear();
    return this.#unlessBroken(undefined);
  }

  #unlessBroken<T>(value: T): Promise<T> {
    return this.broken ? Promise.reject(new Error("broken")) : Promise.resolve(value);
  }
}
