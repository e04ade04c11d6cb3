/**
 * Pictures of SVG that no style sheet reaches, so that taking their address away is all that hides them: `<feImage>` in
 * a filter, given back once it was judged harmless, and animations that put another picture into an element, of which
 * no mutation tells.
 */

import { type Desk } from "./desk";
import { getAttribute, removeAttribute, setAttribute } from "./own_methods";
import { type SharedPicture, type Wanting } from "./shared_picture";

const SVG = "http://www.w3.org/2000/svg";
const XLINK = "http://www.w3.org/1999/xlink";

export const UNSTYLED = "feImage, set, animate";
const NAMES = new Set(UNSTYLED.split(", "));

const ANIMATION = "attributeName";
const VALUES = ["from", "to", "by", "values"];
export const UNSTYLED_ATTRIBUTES = ["href", ANIMATION, ...VALUES];

export const isUnstyled = (element: Element): boolean =>
  NAMES.has(element.localName) && element.namespaceURI === SVG;

export class Unstyled {
  readonly #desk: Desk;
  readonly #images = new Map<Element, FilterImage>();
  /** By animation: what it would animate. */
  readonly #stopped = new Map<Element, string>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** The element is new, or has another address. Before anything is painted. */
  changed(element: Element): void {
    if (element.localName !== "feImage") return this.#stop(element);
    if (!this.#images.has(element)) this.#add(element as SVGFEImageElement);
    this.#images.get(element)!.changed();
  }

  /** Another policy holds. */
  again(): void {
    for (const image of this.#images.values()) image.again();
    if (this.#desk.policy.on) return;
    for (const [element, name] of this.#stopped) setAttribute(element, ANIMATION, name);
    this.#stopped.clear();
  }

  #add(element: SVGFEImageElement): void {
    for (const [other, image] of this.#images) {
      if (other.isConnected) continue;
      image.giveBack();
      this.#images.delete(other);
    }
    this.#images.set(element, new FilterImage(element, this.#desk));
  }

  #stop(element: Element): void {
    const name = getAttribute(element, ANIMATION);
    if (!this.#desk.policy.on || name === null || !/^\s*(xlink:)?href\s*$/.test(name)) return;
    const values = VALUES.flatMap((attribute) => getAttribute(element, attribute)?.split(";") ?? []);
    // What is in the document is looked after where it stands.
    if (values.every((value) => /^\s*(#|$)/.test(value))) return;
    this.#stopped.set(element, name);
    removeAttribute(element, ANIMATION);
  }
}

class FilterImage implements Wanting {
  readonly near = true;
  readonly #element: SVGFEImageElement;
  readonly #desk: Desk;
  /** As the page wrote it; undefined while the page has none, or one that needs no verdict. */
  #href: string | undefined;
  #picture: SharedPicture | undefined;

  constructor(element: SVGFEImageElement, desk: Desk) {
    this.#element = element;
    this.#desk = desk;
  }

  changed(): void {
    if (!this.#desk.policy.on) return;
    const href = getAttribute(this.#element, "href") ?? this.#element.getAttributeNS(XLINK, "href");
    // Taken away by us, or given back.
    if (this.#isHarmless ? href === this.#href : href === null) return;
    this.#forget();
    const url = href === null ? undefined : this.#addressOf(href);
    if (href === null || url === undefined) return;
    this.#href = href;
    this.#picture = this.#desk.pictures.join(url, this.#desk, this);
    this.learnt();
  }

  learnt(): void {
    if (this.#href === undefined) return;
    if (this.#isHarmless) return this.#put(this.#href);
    removeAttribute(this.#element, "href");
    this.#element.removeAttributeNS(XLINK, "href");
  }

  /** A filter may enlarge what is tiny. */
  needs(): boolean {
    return true;
  }

  again(): void {
    if (!this.#desk.policy.on) return this.giveBack();
    if (this.#picture === undefined) return this.changed();
    this.#picture.again();
    this.learnt();
  }

  /** The element is as the page made it. */
  giveBack(): void {
    if (this.#href !== undefined) this.#put(this.#href);
    this.#forget();
  }

  #put(href: string): void {
    if (getAttribute(this.#element, "href") !== href) setAttribute(this.#element, "href", href);
  }

  #forget(): void {
    if (this.#picture !== undefined) this.#desk.pictures.leave(this.#picture, this);
    this.#href = this.#picture = undefined;
  }

  get #isHarmless(): boolean {
    return this.#picture?.verdict?.kind === "reveal";
  }

  /** Undefined for an element of the same document, and for what nobody can load. */
  #addressOf(href: string): string | undefined {
    try {
      const { baseURI, ownerDocument } = this.#element;
      const url = new URL(href, baseURI);
      const isLocal = url.hash !== "" && url.href.split("#", 1)[0] === ownerDocument.URL.split("#", 1)[0];
      return isLocal ? undefined : url.href;
    } catch {
      return undefined;
    }
  }
}
