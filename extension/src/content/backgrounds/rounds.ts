/**
 * Which elements are read next, and when to stop: between layout and paint, near ones first, within a budget of the
 * page's time. What has to wait shows no picture meanwhile.
 */

/** Share of the time that reading may take in the long run, and how much of it can be saved up. */
const SHARE = 0.03;
const SAVED_MS = 40;
/** The most that one frame loses. */
const FRAME_MS = 8;

const BATCH = 64;

/** Whose style may change with that of an element: its own, that of all in it, that of its next siblings as well. */
export type Reach = "itself" | "within" | "around";

/** Following siblings that a selector with `+` or `~` may reach from a changed element; all would be too many. */
const SIBLINGS = 3;

/** More roots than these are one: all of the document. A hidden tab is not read, and would keep what it has removed. */
const MOST_WAITING = 2_000;

/** A walk over elements in document order, twice: those near the viewport, then all that are left. */
interface Walk {
  readonly list: () => readonly Element[];
  /** When its elements were asked for: what was read later need not be read again. */
  since: number;
  /** Listed when its turn comes: by then, most of a burst of changes is one walk. */
  elements: readonly Element[] | undefined;
  next: number;
}

/** From the most to the least pressing; `single` ones are read wherever they are. */
const ORDER = ["nearNew", "single", "nearOld", "farNew", "farOld"] as const;
type Class = (typeof ORDER)[number];

export class Rounds {
  readonly #waiting: Record<Class, Map<Element, Walk>> = {
    nearNew: new Map(),
    single: new Map(),
    nearOld: new Map(),
    farNew: new Map(),
    farOld: new Map(),
  };
  readonly #readAt = new WeakMap<Element, number>();
  readonly #read: (elements: readonly Element[]) => void;
  readonly #within: (root: Element) => readonly Element[];
  #clock = 0;
  #saved = SAVED_MS;
  #last = performance.now();
  #planned = false;
  /** Told once a frame, after layout. */
  readonly #frame = new ResizeObserver(() => this.#round());

  /** `within` lists an element and what is in it, shadow roots included. */
  constructor(read: (elements: readonly Element[]) => void, within: (root: Element) => readonly Element[]) {
    this.#read = read;
    this.#within = within;
  }

  /** The element, and all that is in it, has come to the page. */
  add(root: Element): void {
    this.#ask("nearNew", root, () => this.#within(root));
  }

  /** The element's style may be another now. */
  again(root: Element, reach: Reach): void {
    if (reach === "itself") this.#ask("single", root, () => [root]);
    else this.#ask("nearOld", root, () => (reach === "within" ? this.#within(root) : this.#around(root)));
  }

  /** The document has another root. */
  reopened(): void {
    this.#planned = false;
    this.#plan();
  }

  #ask(kind: Class, root: Element, list: () => readonly Element[]): void {
    const waiting = this.#waiting[kind];
    if (waiting.size > MOST_WAITING && document.documentElement !== null) {
      waiting.clear();
      root = document.documentElement;
      list = () => this.#within(document.documentElement);
    }
    waiting.set(root, { list, since: ++this.#clock, elements: undefined, next: 0 });
    this.#plan();
  }

  #around(root: Element): readonly Element[] {
    const found = [...this.#within(root)];
    let sibling = root.nextElementSibling;
    for (let number = 0; number < SIBLINGS && sibling !== null; number++) {
      found.push(...this.#within(sibling));
      sibling = sibling.nextElementSibling;
    }
    return found;
  }

  /** A frame's resize observers come after its animation callbacks and its layout: styles are clean, and cheap to read. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#frame.disconnect();
      if (document.documentElement !== null) this.#frame.observe(document.documentElement);
      else this.#planned = false;
    });
  }

  #round(): void {
    this.#planned = false;
    this.#frame.disconnect();
    const started = performance.now();
    this.#saved = Math.min(SAVED_MS, this.#saved + (started - this.#last) * SHARE);
    this.#last = started;
    const until = started + Math.min(this.#saved, FRAME_MS);
    while (performance.now() < until) {
      const batch = this.#batch();
      if (batch.length === 0) break;
      this.#read(batch);
      for (const element of batch) this.#readAt.set(element, this.#clock);
    }
    // On a busy computer most of a long round was somebody else's: that is no debt.
    this.#saved = Math.max(this.#saved - (performance.now() - started), -FRAME_MS);
    if (ORDER.some((kind) => this.#waiting[kind].size > 0)) this.#plan();
  }

  #batch(): Element[] {
    const batch: Element[] = [];
    for (const kind of ORDER) {
      const waiting = this.#waiting[kind];
      for (const [root, walk] of waiting) {
        const isNear = kind === "nearNew" || kind === "nearOld";
        this.#walk(walk, batch, isNear);
        if (walk.next < walk.elements!.length) return batch;
        waiting.delete(root);
        if (isNear) this.#waiting[kind === "nearNew" ? "farNew" : "farOld"].set(root, { ...walk, next: 0 });
        if (batch.length >= BATCH) return batch;
      }
      if (batch.length > 0) return batch;
    }
    return batch;
  }

  #walk(walk: Walk, batch: Element[], nearOnly: boolean): void {
    const elements = (walk.elements ??= walk.list());
    const { since } = walk;
    while (walk.next < elements.length && batch.length < BATCH) {
      const element = elements[walk.next++]!;
      if (nearOnly && isFar(element)) {
        while (walk.next < elements.length && element.contains(elements[walk.next]!)) walk.next++;
      } else if (!((this.#readAt.get(element) ?? -1) >= since)) {
        batch.push(element);
      }
    }
  }
}

/** Whether the element, and so most of what is in it, is more than half a viewport away. */
function isFar(element: Element): boolean {
  const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
  // What has no box of its own may hold others.
  if (width === 0 || height === 0) return false;
  const [x, y] = [innerWidth / 2, innerHeight / 2];
  return bottom < -y || top > innerHeight + y || right < -x || left > innerWidth + x;
}
