/** Reads what elements want to show by CSS and pins what they may: in one task, so that nothing is painted between. */

import { COVER, STATE } from "../cover";
import { SELECTOR, isSubject } from "../kinds/all";
import { getAttribute, removeAttribute, setAttribute } from "../own_methods";
import { Back, type PictureWish, type Surroundings } from "./back";
import { type Pins, placesAway } from "./pins";
import { type Wish, canHavePictures, endTransitions, isListed, moves, wishOf } from "./wish";

/** The number of its pinned values. An element without it has its pictures shrunk to nothing by backgrounds.css. */
const BACK = "data-flinch-back";
/** Where a picture that is not shown makes up the whole box. */
const AWAY = "data-flinch-away";
/** Never there when a frame is painted: what cannot be read while it is banned is not banned. */
const LIFT = "data-flinch-lift";
/** No transitions. */
const STILL = "data-flinch-still";

/** Attributes that only we may set, and the one by which the browser's own parts are told from the page's. */
export const OURS: ReadonlySet<string> = new Set([BACK, AWAY, LIFT, STILL, "pseudo"]);
const FORGED = [BACK, AWAY, LIFT, STILL, 'pseudo^="-"'].map((name) => `[${name}]`).join(", ");

/** A list's own wish and that of what it is in reach its items. */
const GENERATIONS = 2;

interface Pinned {
  readonly wish: Wish;
  readonly number: number;
  readonly shown: boolean;
  readonly back: Back | undefined;
}

export class Reader {
  readonly #pins: Pins;
  readonly #around: Surroundings;
  readonly #pinned = new Map<Element, Pinned>();
  #pinning: Element | undefined;

  constructor(pins: Pins, around: Surroundings) {
    this.#pins = pins;
    this.#around = around;
  }

  /** Elements come as the page made them, or as somebody cloned them: what they wear of ours means nothing. */
  clean(root: Element): void {
    if (Element.prototype.matches.call(root, FORGED)) this.restore(root);
    if (root.firstElementChild !== null) for (const element of root.querySelectorAll(FORGED)) this.restore(element);
  }

  /** Only what we have set ourselves counts. */
  restore(element: Element): void {
    const pinned = this.#pinned.get(element);
    for (const name of [LIFT, STILL]) put(element, name, null);
    if (getAttribute(element, "pseudo")?.startsWith("-")) removeAttribute(element, "pseudo");
    this.#wear(element, pinned);
  }

  read(elements: readonly Element[]): void {
    const able = elements.filter((element) => isHere(element) && canHavePictures(element) && !isSigned(element));
    const [plain, lifted] = this.#sort(able);
    const found = new Map<Element, Wish | undefined>();
    const moving = new Set<Element>();
    for (const element of plain) {
      let wish = wishOf(element, false);
      // Most have nothing, and had nothing.
      if (wish === undefined) continue;
      if (moves(element)) {
        moving.add(element);
        // One that runs already shows its picture whatever is pinned.
        if (endTransitions(element)) wish = wishOf(element, false);
      }
      found.set(element, wish);
    }
    // Before they are lifted: then nothing moves.
    for (const element of lifted.keys()) if (moves(element)) moving.add(element);
    if (lifted.size > 0) this.#lift(lifted, found);
    this.#settle(found, moving);
  }

  /** The verdicts on an element's pictures have changed. */
  update(back: Back): void {
    const pinned = this.#pinned.get(back.element);
    // One that is being pinned is asked for its state in any case.
    if (pinned === undefined || this.#pinning === back.element || !isHere(back.element)) return;
    this.#settle(new Map([[back.element, pinned.wish]]), new Set(moves(back.element) ? [back.element] : []));
  }

  /** Something has left the page. */
  sweep(): void {
    for (const [element, pinned] of this.#pinned) {
      if (isHere(element)) continue;
      this.#pins.drop(pinned.number);
      this.#pinned.delete(element);
      this.#forget(pinned.back);
      if (!element.isConnected) this.#wear(element, undefined);
    }
  }

  /** Those whose values are pinned or banned in a way that hides them from us too are apart, with whether they are listed. */
  #sort(elements: readonly Element[]): [plain: Element[], lifted: Map<Element, boolean>] {
    const plain: Element[] = [];
    const lifted = new Map<Element, boolean>();
    for (const element of elements) {
      const listed = isListed(element);
      const hidden = listed || this.#pinned.has(element) || element.localName === "img";
      if (hidden) lifted.set(element, listed);
      else plain.push(element);
    }
    return [plain, lifted];
  }

  #lift(lifted: ReadonlyMap<Element, boolean>, found: Map<Element, Wish | undefined>): void {
    const lists = new Set<Element>();
    for (const [element, listed] of lifted) {
      // In this order: no style in between would start a transition.
      put(element, STILL, "");
      put(element, BACK, null);
      put(element, AWAY, null);
      put(element, LIFT, "");
      if (listed) for (const list of ancestors(element)) lists.add(list);
    }
    for (const list of lists) put(list, LIFT, "");
    for (const [element, listed] of lifted) found.set(element, wishOf(element, listed));
    for (const list of lists) put(list, LIFT, null);
    for (const element of lifted.keys()) {
      put(element, LIFT, null);
      this.#wear(element, this.#pinned.get(element));
    }
  }

  #settle(found: ReadonlyMap<Element, Wish | undefined>, moving: ReadonlySet<Element>): void {
    for (const [element, wish] of found) {
      const before = this.#pinned.get(element);
      this.#pinning = element;
      const after = wish && this.#pin(element, wish, before);
      this.#pinning = undefined;
      if (after === undefined) this.#pinned.delete(element);
      else this.#pinned.set(element, after);
      if (before !== undefined) this.#pins.drop(before.number);
      if (before?.back !== after?.back) this.#forget(before?.back);
      put(element, STILL, moving.has(element) ? "" : null);
      this.#wear(element, after);
    }
    // Styled once with the new values: what begins to move after that moves by the page's own doing.
    for (const element of moving) void getComputedStyle(element).opacity;
    for (const element of moving) put(element, STILL, null);
  }

  #pin(element: Element, wish: Wish, before: Pinned | undefined): Pinned {
    const back = hasPictures(wish) ? this.#backOf(element, wish, before?.back) : undefined;
    const shown = back === undefined ? wish.pictures !== undefined : back.shown;
    return { wish, back, shown, number: this.#pins.take(wish, shown) };
  }

  #backOf(element: Element, wish: PictureWish, back: Back | undefined): Back {
    if (back === undefined) return new Back(element, wish, this.#around);
    back.want(wish);
    return back;
  }

  #forget(back: Back | undefined): void {
    if (back === undefined) return;
    back.leave();
    this.#around.desk.registry.remove(back);
  }

  #wear(element: Element, pinned: Pinned | undefined): void {
    put(element, BACK, pinned === undefined ? null : String(pinned.number));
    const places = pinned === undefined || pinned.shown ? "" : placesAway(pinned.wish);
    put(element, AWAY, places === "" ? null : places);
  }
}

/** Whether an element with a picture of its own wears a sign of ours instead of its background: see pictures.css. */
const isSigned = (element: Element): boolean =>
  isSubject(element) &&
  Element.prototype.matches.call(element, SELECTOR) &&
  !/^(shown|tiny|revealed|none)$/.test(getAttribute(element, STATE) ?? "") &&
  !getAttribute(element, COVER)?.startsWith("blur");

/** An element that was moved to another document is looked after there. */
const isHere = (element: Element): boolean => element.isConnected && element.ownerDocument === document;

const hasPictures = (wish: Wish): wish is PictureWish => wish.pictures !== undefined && wish.pictures.length > 0;

function* ancestors(element: Element): Iterable<Element> {
  let list = element.parentElement;
  for (let generation = 0; generation < GENERATIONS && list !== null; generation++) {
    yield list;
    list = list.parentElement;
  }
}

/** Writes only what differs: every write has the element styled anew and wakes the page's observers. */
function put(element: Element, name: string, value: string | null): void {
  if (getAttribute(element, name) === value) return;
  if (value === null) removeAttribute(element, name);
  else setAttribute(element, name, value);
}
