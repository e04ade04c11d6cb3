/** What outlives the browser: an IndexedDB in which no address can be read, only salted hashes of them. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type Batch, type Counts, type Disk, type Remembered, type Word } from "./memory";
import { Sketch } from "./sketch";

interface Schema extends DBSchema {
  verdicts: { key: string; value: Remembered; indexes: { until: number } };
  overrules: { key: string; value: Word };
  /** `salt`, the id of the `bundle` whose verdicts are kept, and which backend won the trial. */
  facts: { key: string; value: unknown };
}

const NAME = "flinch";
/** A broken database is not asked again and again. */
const REOPEN_MS = 60_000;
const PRUNE_EVERY = 1_000;

export class Store implements Disk {
  readonly #bundle: string;
  readonly #capacity: number;
  #opening: Promise<IDBPDatabase<Schema>> | undefined;
  /** Of all keys, whether verdicts or overrules; filled when the database is opened. */
  readonly #keys = new Sketch();
  #unpruned = 0;

  /** Keeps `capacity` verdicts of the bundle of this id; those that would expire first go first. */
  constructor(bundle: string, capacity = 50_000) {
    this.#bundle = bundle;
    this.#capacity = capacity;
  }

  async salt(): Promise<Uint8Array> {
    return this.#fact("salt", () => crypto.getRandomValues(new Uint8Array(16)));
  }

  async recall(key: string): ReturnType<Disk["recall"]> {
    const db = await this.#db();
    if (!this.#keys.mayHave(key)) return { verdict: undefined, word: undefined };
    const transaction = db.transaction(["verdicts", "overrules"]);
    const [verdict, word] = await Promise.all([
      transaction.objectStore("verdicts").get(key),
      transaction.objectStore("overrules").get(key),
    ]);
    return { verdict, word };
  }

  async write({ verdicts, overrules }: Batch): Promise<void> {
    const db = await this.#db();
    for (const key of [...verdicts.keys(), ...overrules.keys()]) this.#keys.add(key);
    const transaction = db.transaction(["verdicts", "overrules"], "readwrite", { durability: "relaxed" });
    for (const [key, verdict] of verdicts) void transaction.objectStore("verdicts").put(verdict, key);
    for (const [key, word] of overrules) {
      if (word === undefined) void transaction.objectStore("overrules").delete(key);
      else void transaction.objectStore("overrules").put(word, key);
    }
    await transaction.done;
    this.#unpruned += verdicts.size;
    if (this.#unpruned >= PRUNE_EVERY) await this.#prune(db);
  }

  async counts(): Promise<Counts> {
    const db = await this.#db();
    const [verdicts, overrules] = await Promise.all([db.count("verdicts"), db.count("overrules")]);
    return { verdicts, overrules };
  }

  async clear(what: keyof Batch): Promise<void> {
    await (await this.#db()).clear(what);
  }

  /** What was noted about this installation under a name. */
  async fact(name: string): Promise<unknown> {
    return (await this.#db()).get("facts", name);
  }

  async note(name: string, fact: unknown): Promise<void> {
    await (await this.#db()).put("facts", fact, name);
  }

  /** A fact about this installation that `make` decides the first time. */
  async #fact<T>(name: string, make: () => T): Promise<T> {
    const transaction = (await this.#db()).transaction("facts", "readwrite");
    const known = await transaction.store.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    await transaction.store.put(made, name);
    await transaction.done;
    return made;
  }

  #db(): Promise<IDBPDatabase<Schema>> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<IDBPDatabase<Schema>> {
    const again = () => (this.#opening = undefined);
    try {
      const db = await openDB<Schema>(NAME, 1, {
        upgrade(fresh) {
          fresh.createObjectStore("verdicts").createIndex("until", "until");
          fresh.createObjectStore("overrules");
          fresh.createObjectStore("facts");
        },
        terminated: again,
      });
      if ((await db.get("facts", "bundle")) !== this.#bundle) {
        await db.clear("verdicts");
        await db.put("facts", this.#bundle, "bundle");
      }
      for (const name of ["verdicts", "overrules"] as const) {
        for (const key of await db.getAllKeys(name)) this.#keys.add(key);
      }
      return db;
    } catch (error) {
      setTimeout(again, REOPEN_MS);
      throw error;
    }
  }

  async #prune(db: IDBPDatabase<Schema>): Promise<void> {
    this.#unpruned = 0;
    const { store, done } = db.transaction("verdicts", "readwrite", { durability: "relaxed" });
    const byAge = store.index("until");
    const excess = Math.max(0, (await store.count()) - this.#capacity);
    const gone = [...(await byAge.getAllKeys(null, excess || 1)).slice(0, excess)];
    gone.push(...(await byAge.getAllKeys(IDBKeyRange.upperBound(Date.now()))));
    for (const key of gone) void store.delete(key);
    await done;
  }
}
