/** CSS pictures of a frame: what backgrounds.css bans is read, judged, and pinned where it is harmless. */

import { Parts } from "./backgrounds/parts";
import { Pins } from "./backgrounds/pins";
import { Reader } from "./backgrounds/reader";
import { Rounds } from "./backgrounds/rounds";
import { Signs } from "./backgrounds/signs";
import { type Desk } from "./desk";
import { type Root, Roots } from "./roots";
import { Sight } from "./sight";
import { Sizes } from "./sizes";

/** What has left the page is looked for this long after something has. */
const SWEEP_MS = 500;

export class Backgrounds {
  readonly roots: Roots;
  readonly #desk: Desk;
  readonly #reader: Reader;
  readonly #signs: Signs;
  readonly #rounds: Rounds;
  readonly #parts = new Parts();
  #sweeping = false;

  /** `found` is called with the document and with every shadow root. */
  constructor(desk: Desk, found: (root: Root) => void) {
    this.#desk = desk;
    const pins = new Pins();
    this.#reader = new Reader(pins, {
      desk,
      sight: new Sight(),
      sizes: new Sizes(),
      changed: (back) => this.#ours(() => this.#reader.update(back)),
    });
    this.#rounds = new Rounds(
      (elements) => this.#read(elements),
      (element) => this.roots.within(element),
    );
    this.#signs = new Signs({
      added: (element) => this.#added(element),
      removed: () => this.#sweepSoon(),
      changed: (element, reach) => this.#rounds.again(element, reach),
      restyled: () => this.#parts.look(this.roots.all()),
      partsWritten: () => this.#parts.lookAgain(this.roots.all()),
      awaited: (link) => this.#parts.await(link),
      arrived: (link) => this.#parts.arrived(link),
      forged: (element) => {
        this.#ours(() => this.#reader.restore(element));
        this.#rounds.again(element, "itself");
      },
      reopened: () => {
        this.#signs.watch(document);
        this.roots.reopened();
        this.#rounds.reopened();
      },
    });
    this.roots = new Roots(
      (root) => {
        pins.dress(root);
        this.#parts.look([root]);
      },
      (root) => {
        this.#signs.watch(root);
        found(root);
        for (const element of root.children) this.#added(element);
      },
    );
    this.roots.start();
  }

  /** The policy is another one. */
  again(): void {
    this.roots.covered();
    this.#parts.follow(this.#desk.policy.on, this.roots.all());
    if (document.documentElement !== null) this.#rounds.again(document.documentElement, "within");
  }

  #added(element: Element): void {
    this.#ours(() => this.#reader.clean(element));
    this.roots.added(element);
    this.#rounds.add(element);
  }

  #read(elements: readonly Element[]): void {
    if (this.#desk.policy.on) this.#ours(() => this.#reader.read(elements));
  }

  /** What is done here is no sign that the page has done something. */
  #ours(change: () => void): void {
    this.#signs.catchUp();
    change();
    this.#signs.ignore();
  }

  #sweepSoon(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    setTimeout(() => {
      this.#sweeping = false;
      this.#ours(() => this.#reader.sweep());
      this.roots.sweep();
    }, SWEEP_MS);
  }
}
