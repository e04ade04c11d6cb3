/**
 * Pictures of `::first-letter`, `::first-line` and `::-webkit-scrollbar`: the rules that put one there are found and
 * changed themselves, before the frame in which they would first count. They are never judged, and never shown.
 */

import { importsSheets, mayBePicture, namesPart } from "../../part_rules";

const PICTURED = ["background", "background-image", "border-image", "border-image-source"];

/** The most that one frame loses: a thousand rules take one or two milliseconds, once. */
const FRAME_MS = 8;

type Walk = Generator<undefined, void>;

export class Parts {
  #walked = new WeakSet<CSSStyleSheet>();
  readonly #walks: Walk[] = [];
  /** Not loaded when they were met. */
  readonly #imports = new Set<CSSImportRule>();
  readonly #links = new Set<HTMLLinkElement>();
  /** Declarations that were changed, and what they were. */
  readonly #changed = new Map<CSSStyleDeclaration, string>();
  #planned = false;
  #on = true;

  /** Of a page that the reader has switched Flinch off for, every rule is as it was. */
  follow(on: boolean, roots: Iterable<Document | ShadowRoot>): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#walks.length = 0;
    for (const [style, was] of this.#changed) style.cssText = was;
    this.#changed.clear();
    this.lookAgain(roots);
  }

  /** A script has written such a rule into a style sheet. */
  lookAgain(roots: Iterable<Document | ShadowRoot>): void {
    this.#walked = new WeakSet();
    this.look(roots, () => true);
  }

  /** Style sheets may have come. */
  look(roots: Iterable<Document | ShadowRoot>, mayMention = textMentions): void {
    if (!this.#on) return;
    for (const { styleSheets, adoptedStyleSheets } of roots) {
      for (const sheet of [...styleSheets, ...adoptedStyleSheets]) this.#see(sheet, mayMention);
    }
    this.#goOn();
  }

  /** Its sheet comes into force when it has loaded, and its `load` event may come a frame later. */
  await(link: HTMLLinkElement): void {
    if (link.sheet !== null || !link.relList.contains("stylesheet")) return;
    this.#links.add(link);
    this.#plan();
  }

  /** The element's sheet has loaded with all that it imports, or has failed to. */
  arrived(element: Element): void {
    if (element instanceof HTMLLinkElement) this.#links.delete(element);
    for (const rule of this.#imports) if (ownerOf(rule) === element) this.#imports.delete(rule);
  }

  #see(sheet: CSSStyleSheet, mayMention = textMentions): void {
    if (!this.#on || this.#walked.has(sheet)) return;
    this.#walked.add(sheet);
    const rules = rulesOf(sheet);
    if (rules !== undefined && mayMention(sheet)) this.#walks.push(this.#walk(rules, false));
  }

  #goOn(): void {
    const until = performance.now() + FRAME_MS;
    for (const rule of this.#imports) {
      if (rule.styleSheet === null && ownerOf(rule)?.isConnected) continue;
      this.#imports.delete(rule);
      if (rule.styleSheet !== null) this.#see(rule.styleSheet);
    }
    while (this.#walks.length > 0 && performance.now() < until) {
      if (this.#walks[0]!.next().done === true) this.#walks.shift();
    }
    if (this.#walks.length > 0 || this.#imports.size > 0) this.#plan();
  }

  /** Before styles are computed for the next frame. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      for (const link of this.#links) {
        if (link.isConnected && link.sheet === null) continue;
        this.#links.delete(link);
        if (link.sheet !== null) this.#see(link.sheet);
      }
      this.#goOn();
      if (this.#links.size > 0) this.#plan();
    });
  }

  /** Rests now and then. `ofPart`: what is in the rules belongs to such a part. */
  *#walk(rules: CSSRuleList, ofPart: boolean): Walk {
    for (let at = 0; at < rules.length; at++) {
      if (at % 50 === 49) yield;
      const rule = rules[at]! as CSSRule & { selectorText?: string; style?: CSSStyleDeclaration; cssRules?: CSSRuleList };
      if (rule instanceof CSSImportRule) {
        if (rule.styleSheet === null) this.#imports.add(rule);
        else this.#see(rule.styleSheet);
        continue;
      }
      const isOfPart = ofPart || namesPart(rule.selectorText ?? "");
      if (isOfPart && rule.style !== undefined) this.#ban(rule.style);
      if (rule.cssRules !== undefined && rule.cssRules.length > 0) yield* this.#walk(rule.cssRules, isOfPart);
    }
  }

  #ban(style: CSSStyleDeclaration): void {
    if (!PICTURED.some((name) => mayBePicture(style.getPropertyValue(name)))) return;
    if (!this.#changed.has(style)) this.#changed.set(style, style.cssText);
    style.setProperty("background-size", "0 0", "important");
    style.setProperty("border-image-source", "none", "important");
  }
}

/** The element whose sheet imports by this rule, or by one that leads to it; it alone has a `load` event. */
function ownerOf({ parentStyleSheet }: CSSRule): Node | null {
  let sheet = parentStyleSheet;
  while (sheet !== null && sheet.ownerRule !== null) sheet = sheet.ownerRule.parentStyleSheet;
  return sheet === null ? null : sheet.ownerNode;
}

/** Undefined: a sheet of another origin, which nobody may read. */
function rulesOf(sheet: CSSStyleSheet): CSSRuleList | undefined {
  try {
    return sheet.cssRules;
  } catch {
    return undefined;
  }
}

/** Text is searched a hundred times as fast as rules are walked. */
function textMentions({ ownerNode }: CSSStyleSheet): boolean {
  const text = ownerNode instanceof HTMLStyleElement ? ownerNode.textContent : "";
  return text === "" || importsSheets(text) || namesPart(text);
}
