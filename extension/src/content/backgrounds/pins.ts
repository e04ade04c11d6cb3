/**
 * The values that CSS pictures have on the page: judged ones, or none. They stand in a style sheet of the page's own
 * kind as custom properties, a rule for every distinct wish; backgrounds.css, which no page overrules, takes them from
 * there. So an element shows what was judged whatever its page wants by now.
 */

import { picturesIn } from "./value";
import { type Part, type Wish } from "./wish";

const NAMES = ["--flinch-image", "--flinch-border", "--flinch-list", "--flinch-content"] as const;

export class Pins {
  readonly #adopted = new CSSStyleSheet();
  /** That one, and those of the roots that adopt none. */
  readonly #sheets = [this.#adopted];
  /** By number; the rule of a number stands at its place in the sheet. */
  readonly #slots: { rules: string; users: number }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];

  constructor() {
    for (const name of NAMES) {
      try {
        // Inherited, they would have every descendant styled anew.
        CSS.registerProperty({ name, syntax: "*", inherits: false });
      } catch {
        // Said already by an older copy of this script: the extension was updated.
      }
    }
  }

  /** Puts the values into force in a root. */
  dress(root: Document | ShadowRoot): void {
    try {
      if (!root.adoptedStyleSheets.includes(this.#adopted)) {
        root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#adopted];
      }
    } catch {
      // Firefox has been known to refuse this to content scripts.
      this.#addElement(root instanceof Document ? root.documentElement : root);
    }
  }

  /** A number for `data-flinch-back`; each must be dropped once. */
  take(wish: Wish, shown: boolean): number {
    const rules = wish.parts.map((part) => rule(part, shown)).join(" ");
    const known = this.#numbers.get(rules);
    const number = known ?? this.#add(rules);
    this.#slots[number]!.users++;
    return number;
  }

  drop(number: number): void {
    const slot = this.#slots[number]!;
    if (--slot.users > 0) return;
    this.#numbers.delete(slot.rules);
    this.#free.push(number);
  }

  #addElement(parent: Element | ShadowRoot | null): void {
    const element = document.createElement("style");
    parent?.append(element);
    if (element.sheet === null) return;
    copyRules(this.#adopted, element.sheet);
    this.#sheets.push(element.sheet);
  }

  #add(rules: string): number {
    const free = this.#free.pop();
    const number = free ?? this.#slots.length;
    for (const sheet of this.#sheets) {
      if (free !== undefined) sheet.deleteRule(free);
      sheet.insertRule(`[data-flinch-back="${number}"]:not(#_#_#_#_#_#_#_#_) { ${rules} }`, number);
    }
    this.#slots[number] = { rules, users: 0 };
    this.#numbers.set(rules, number);
    return number;
  }
}

function copyRules(from: CSSStyleSheet, to: CSSStyleSheet): void {
  for (const { cssText } of from.cssRules) to.insertRule(cssText, to.cssRules.length);
}

function rule({ place, image, border, list, content }: Part, shown: boolean): string {
  // Refused `content` stays for the sake of its box; data-flinch-away hides what is in it. A marker has no such box.
  const keeps = place !== "marker" || shown || isPlain(content);
  const values = [pinned(image, shown), pinned(border, shown), pinned(list, shown), keeps ? content : "normal"];
  const declarations = NAMES.map((name, at) => `${name}: ${values[at]} !important;`).join(" ");
  return place === "own" ? declarations : `&::${place} { ${declarations} }`;
}

const pinned = (value: string, shown: boolean): string => (shown || isPlain(value) ? value : "none");

const isPlain = (value: string): boolean => picturesIn(value)?.length === 0;

/** The places whose `content` is a picture: they are hidden as a whole while it is not shown. */
export const placesAway = (wish: Wish): string =>
  wish.parts
    .filter(({ place, content }) => place !== "marker" && !isPlain(content))
    .map(({ place }) => place)
    .join(" ");
