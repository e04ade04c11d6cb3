/** What may change the pictures that CSS puts on elements: mutations, style sheets, the pointer, the window, time. */

import { PARTS_ANNOUNCED, RULES_ANNOUNCED } from "../../announced";
import { getAttribute } from "../own_methods";
import { type Root } from "../roots";
import { OURS } from "./reader";
import { type Reach } from "./rounds";

export interface Hearing {
  /** Elements have come to the page. */
  added(element: Element): void;
  /** Some have left it. */
  removed(): void;
  /** The style of an element may have changed. */
  changed(element: Element, reach: Reach): void;
  /** Style sheets have come or gone. */
  restyled(): void;
  /** A script has written a picture for a part into one. */
  readonly partsWritten: () => void;
  /** A `<link>` has come whose sheet may be on its way. */
  awaited(link: HTMLLinkElement): void;
  /** Its sheet, or that of a `<style>`, is there with all that it imports, or will not come. */
  arrived(element: Element): void;
  /** The page has written to an attribute of ours. */
  forged(element: Element): void;
  /** `document.open()` has emptied the document. */
  reopened(): void;
}

/** How much around the pointer is taken to change with it. */
const AROUND = 60;
const POLL_MS = 1_000;
const ANIMATED_MS = 200;

const SVG = "http://www.w3.org/2000/svg";
const ANIMATABLE = ["backgroundImage", "borderImageSource", "content", "listStyleImage"];

const POINTING = ["pointerover", "pointerdown", "pointerup", "click", "focusin", "focusout", "change", "input", "toggle"];
const ENDING = ["transitionend", "animationend", "animationcancel"];
const EVERYWHERE = ["resize", "hashchange", "fullscreenchange"];

export class Signs {
  readonly #hearing: Hearing;
  readonly #observer = new MutationObserver((mutations) => this.#hear(mutations));
  readonly #texts = new MutationObserver(() => this.#restyled());
  readonly #animated = new Set<Element>();
  #pointed: Element | undefined;
  /** Of the page's style sheets, when all was read last. */
  #rules = 0;

  constructor(hearing: Hearing) {
    this.#hearing = hearing;
    for (const name of EVERYWHERE) window.addEventListener(name, this.#everything);
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "print"]) {
      matchMedia(query).addEventListener("change", this.#everything);
    }
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.#everything());
    setInterval(() => this.#poll(), POLL_MS);
  }

  watch(root: Root): void {
    this.#observer.observe(root, { subtree: true, childList: true, attributes: true });
    for (const name of POINTING) root.addEventListener(name, this.#pointing, { capture: true, passive: true });
    for (const name of ENDING) root.addEventListener(name, this.#ended, true);
    root.addEventListener("animationstart", this.#begun, true);
    for (const name of ["load", "error"]) root.addEventListener(name, this.#loaded, true);
    root.addEventListener(RULES_ANNOUNCED, this.#everything, true);
    root.addEventListener(PARTS_ANNOUNCED, this.#hearing.partsWritten, true);
  }

  /** Hears now what it would hear soon. */
  catchUp(): void {
    this.#hear(this.#observer.takeRecords());
  }

  /** What we did ourselves, since, is no sign. */
  ignore(): void {
    this.#observer.takeRecords();
  }

  #hear(mutations: readonly MutationRecord[]): void {
    let removed = false;
    const added = new Set<Element>();
    for (const mutation of mutations) {
      const { target } = mutation;
      if (mutation.type === "attributes") {
        this.#written(target as Element, mutation.attributeName!);
        continue;
      }
      const { addedNodes, removedNodes } = mutation;
      if (target === document && addedNodes.length > 0) this.#hearing.reopened();
      if ((target as Element).localName === "style") this.#restyled();
      // By number: iterators cost more than what they are for, ten thousand times.
      for (let at = 0; at < addedNodes.length; at++) if (isElement(addedNodes[at]!)) added.add(addedNodes[at] as Element);
      for (let at = 0; at < removedNodes.length; at++) if (isSheet(removedNodes[at]!)) this.#restyled();
      removed ||= removedNodes.length > 0;
    }
    // A parser adds every element by itself; what is in another one comes with that.
    for (const element of added) if (!isWithin(element, added)) this.#added(element);
    if (removed) this.#hearing.removed();
  }

  #added(element: Element): void {
    this.#hearing.added(element);
    const sheets = isSheet(element) ? [element] : element.querySelectorAll("style, link");
    for (const sheet of sheets) {
      this.#texts.observe(sheet, { characterData: true, subtree: true });
      if (sheet instanceof HTMLLinkElement) this.#hearing.awaited(sheet);
    }
    if (sheets.length > 0) this.#restyled();
  }

  #written(element: Element, name: string): void {
    if (OURS.has(name)) return this.#hearing.forged(element);
    // Whether it is a picture of its own that is shown, behind which others can be seen.
    if (name.startsWith("data-flinch")) return this.#hearing.changed(element, "itself");
    if (element.namespaceURI === SVG && element.localName !== "svg") return;
    this.#hearing.changed(element, name === "style" ? reachOfStyle(element) : "around");
  }

  #restyled(): void {
    this.#hearing.restyled();
    this.#everything();
  }

  readonly #everything = (): void => {
    this.#rules = countRules();
    if (document.documentElement !== null) this.#hearing.changed(document.documentElement, "within");
  };

  readonly #loaded = ({ target }: Event): void => {
    if (!(target instanceof Element) || !isSheet(target)) return;
    this.#restyled();
    this.#hearing.arrived(target);
  };

  /** Where the pointer came from has changed as well. */
  readonly #pointing = (event: Event): void => {
    const [target] = event.composedPath();
    if (!(target instanceof Element)) return;
    if (this.#pointed?.isConnected === true && this.#pointed !== target) this.#around(this.#pointed);
    this.#pointed = target;
    this.#around(target);
  };

  #around(element: Element): void {
    let scope = element;
    while (scope.parentElement !== null && scope.parentElement.getElementsByTagName("*").length <= AROUND) {
      scope = scope.parentElement;
    }
    this.#hearing.changed(scope, scope.getElementsByTagName("*").length <= AROUND ? "within" : "itself");
    for (let outer = scope.parentElement; outer !== null; outer = outer.parentElement) this.#hearing.changed(outer, "itself");
  }

  readonly #begun = ({ target }: Event): void => {
    if (!(target instanceof Element)) return;
    const frames = target.getAnimations({ subtree: true }).flatMap(({ effect }) => keyframesOf(effect));
    if (!frames.some((frame) => ANIMATABLE.some((name) => name in frame))) return;
    if (this.#animated.size === 0) setTimeout(() => this.#tick(), ANIMATED_MS);
    this.#animated.add(target);
  };

  readonly #ended = (event: Event): void => {
    const { target } = event;
    if (!(target instanceof Element)) return;
    this.#animated.delete(target);
    if (event instanceof AnimationEvent || /image|content/.test((event as TransitionEvent).propertyName)) {
      this.#hearing.changed(target, "itself");
    }
  };

  #tick(): void {
    for (const element of this.#animated) {
      if (element.isConnected) this.#hearing.changed(element, "itself");
      else this.#animated.delete(element);
    }
    if (this.#animated.size > 0) setTimeout(() => this.#tick(), ANIMATED_MS);
  }

  /** A script may have taken rules away, or have written them by functions of another frame. */
  #poll(): void {
    if (document.hidden) return;
    if (countRules() !== this.#rules) this.#everything();
  }
}

function countRules(): number {
  let count = 0;
  for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) {
    try {
      if (!isOurs(sheet)) count += 1 + sheet.cssRules.length;
    } catch {
      // Of another origin.
      count++;
    }
  }
  return count;
}

/** A style attribute reaches what is in the element only by custom properties; one that is gone may have had some. */
const reachOfStyle = (element: Element): Reach =>
  getAttribute(element, "style")?.includes("--") === false ? "itself" : "within";

/** Our pinned values come and go without a sign of the page. */
const isOurs = ({ cssRules: [first] }: CSSStyleSheet): boolean => first?.cssText.startsWith("[data-flinch-back") === true;

const keyframesOf = (effect: AnimationEffect | null): readonly object[] =>
  effect instanceof KeyframeEffect ? effect.getKeyframes() : [];

const isElement = (node: Node): node is Element => node.nodeType === Node.ELEMENT_NODE;

function isWithin(element: Element, others: ReadonlySet<Element>): boolean {
  for (let outer = element.parentElement; outer !== null; outer = outer.parentElement) {
    if (others.has(outer)) return true;
  }
  return false;
}

const isSheet = (node: Node): boolean => ["style", "link"].includes((node as Element).localName);
