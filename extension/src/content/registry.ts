/** Keeps the subjects of a frame, and finds them by element, by point and by state. */

import { type Entry, type Subject, type Subjects } from "./subjects";
import { before, elementsAt, isOpaque } from "./tree";

/** What has left the document is looked for this long after something has. */
const SWEEP_MS = 250;

export class Registry implements Subjects {
  readonly #own = new Map<Element, Entry>();
  readonly #back = new Map<Element, Entry>();
  readonly #listeners: ((subject: Subject) => void)[] = [];
  #sweeping = false;

  add(entry: Entry): void {
    this.#layer(entry).set(entry.element, entry);
  }

  remove(entry: Entry): void {
    if (this.#layer(entry).get(entry.element) !== entry) return;
    this.#layer(entry).delete(entry.element);
    this.tell(entry);
  }

  /** Whoever changes an entry's state says so here. */
  tell(subject: Subject): void {
    for (const listener of this.#listeners) listener(subject);
  }

  all(): Entry[] {
    return [...this.#own.values(), ...this.#back.values()];
  }

  of(element: Element): Subject | undefined {
    return this.#own.get(element) ?? this.#back.get(element);
  }

  at(x: number, y: number): Subject | undefined {
    for (const element of elementsAt(document, x, y)) {
      const subject = this.of(element);
      if (subject !== undefined) return subject;
      if (isOpaque(element)) return undefined;
    }
    return this.#contains(x, y);
  }

  notShown(): Subject[] {
    return this.all()
      .filter(({ state, element }) => (state === "covered" || state === "hidden") && element.isConnected)
      .sort((one, other) => before(one.element, other.element));
  }

  reveal(subject: Subject): void {
    this.#entry(subject)?.reveal();
  }

  hide(subject: Subject): void {
    this.#entry(subject)?.hide();
  }

  retry(subject: Subject): void {
    this.#entry(subject)?.retry();
  }

  onChange(listener: (subject: Subject) => void): void {
    this.#listeners.push(listener);
  }

  /** Something was removed somewhere: one look at the flags of all entries is cheaper than a walk of what was removed. */
  sweepSoon(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    setTimeout(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    this.#sweeping = false;
    for (const entry of this.all()) {
      if (entry.element.isConnected) continue;
      entry.leave();
      this.remove(entry);
    }
  }

  /** What takes no pointer events is found by its box. */
  #contains(x: number, y: number): Subject | undefined {
    return this.notShown().findLast((subject) => {
      const { left, right, top, bottom } = subject.box();
      return left <= x && x < right && top <= y && y < bottom;
    });
  }

  #layer({ layer }: Entry): Map<Element, Entry> {
    return layer === "own" ? this.#own : this.#back;
  }

  #entry(subject: Subject): Entry | undefined {
    return [this.#own, this.#back].map((layer) => layer.get(subject.element)).find((entry) => entry === subject);
  }
}
