/**
 * The trees of a frame: its document and every shadow root, open or closed, whenever it comes. That nothing unjudged
 * is seen in them does not hang on this: the user's style sheets reach into all. What hangs on it is that they are judged.
 */

import { ANNOUNCED } from "../announced";
import { shadowOf } from "./tree";

export type Root = Document | ShadowRoot;

/** The elements of HTML that may have a shadow root; the names of all others have a hyphen. */
const HOSTS = "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split(" ");
const POSSIBLE = new Set(HOSTS);

export class Roots {
  readonly #dress: (root: Root) => void;
  readonly #found: (root: Root) => void;
  readonly #shadows = new Map<Element, ShadowRoot>();
  /** Where the parser stood last: a shadow root that it adds there is no mutation. */
  #parsed: Element | undefined;

  /** `found` will be called with every root, and `dress` with each whose style sheets may be others now. */
  constructor(dress: (root: Root) => void, found: (root: Root) => void) {
    this.#dress = dress;
    this.#found = found;
  }

  start(): void {
    this.#enter(document);
    document.addEventListener("DOMContentLoaded", () => {
      this.#parsed = undefined;
      if (document.documentElement !== null) this.added(document.documentElement);
    });
  }

  /** An element has come, with all that is in it. */
  added(element: Element): void {
    this.#look(element);
    const inner = element.getElementsByTagName("*");
    for (let at = 0; at < inner.length; at++) this.#look(inner[at]!);
    if (document.readyState === "loading") this.#follow(element);
  }

  /** The document and every shadow root. */
  all(): Root[] {
    return [document, ...this.#shadows.values()];
  }

  /** The element and all that is in it, in document order, shadow roots included. */
  within(element: Element): Element[] {
    const found: Element[] = [];
    this.#collect(element, found);
    if (element.firstElementChild !== null) for (const inner of element.getElementsByTagName("*")) this.#collect(inner, found);
    return found;
  }

  /** What has left the document may come back, and is found again then. */
  sweep(): void {
    for (const host of this.#shadows.keys()) if (!host.isConnected) this.#shadows.delete(host);
  }

  /** `document.open()` has emptied the document and taken its listeners away. */
  reopened(): void {
    this.#listen(document);
  }

  /**
   * The user's style sheets are there. Chromium (156) does not apply them to what has been styled before in a shadow
   * root; a rule for everything in it makes it style that anew.
   */
  covered(): void {
    const everything = new CSSStyleSheet();
    everything.replaceSync("* { --flinch-anew: 1 }");
    for (const root of this.#shadows.values()) {
      const { firstElementChild } = root;
      if (firstElementChild === null) continue;
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, everything];
      void getComputedStyle(firstElementChild).opacity;
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== everything);
    }
  }

  #collect(element: Element, found: Element[]): void {
    found.push(element);
    const shadow = this.#shadows.get(element);
    if (shadow !== undefined) for (const child of shadow.children) found.push(...this.within(child));
  }

  #look(element: Element): void {
    const { localName } = element;
    if (!POSSIBLE.has(localName) && !localName.includes("-")) return;
    if (this.#shadows.has(element)) return;
    const root = shadowOf(element);
    if (root === null) return;
    this.#shadows.set(element, root);
    this.#enter(root);
    for (const child of root.children) this.added(child);
  }

  #enter(root: Root): void {
    this.#listen(root);
    this.#found(root);
  }

  #listen(root: Root): void {
    this.#dress(root);
    // On the window: no listener of the page comes before it.
    const target = root instanceof Document ? window : root;
    target.addEventListener(ANNOUNCED, this.#announced, true);
  }

  /** By the page's world: a shadow root was attached, or a list of style sheets assigned. Anybody may say so. */
  readonly #announced = (event: Event): void => {
    const [target] = event.composedPath();
    if (target instanceof Document) this.#dress(target);
    if (!(target instanceof Element)) return;
    this.#look(target);
    const shadow = this.#shadows.get(target);
    if (shadow !== undefined) this.#dress(shadow);
  };

  #follow(element: Element): void {
    for (let open = this.#parsed; open !== undefined; open = open.parentElement ?? undefined) this.#look(open);
    let last = element;
    while (last.lastElementChild !== null) last = last.lastElementChild;
    this.#parsed = last;
  }
}
