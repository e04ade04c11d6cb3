/**
 * Hides by important style attributes what style sheets cannot hide for sure, and gives the page its own back
 * afterwards. A page's `!important`, in a layer or a style attribute, beats the manifest's sheet; only the user style
 * sheet beats everything, but it comes a frame or two late when the service worker slept, and never into shadow roots.
 */

import { type Look } from "./cover";
import { type Styled } from "./desk";

interface Was {
  readonly style: string | null;
  readonly declarations: readonly (readonly [name: string, value: string, priority: string])[];
}

type Declarations = Readonly<Record<string, string>>;

const UNSEEN: Declarations = { opacity: "0" };
/** The picture is moved out of its box, which pictures.css paints over. */
const EMPTIED: Declarations = { "object-position": "-1000000px 0", overflow: "clip" };

/** Longer than a service worker takes to wake; a page must not stay blank because of one that does not. */
const LONGEST_MS = 1_500;

const held = new WeakMap<Styled, Was>();
let over = false;

/** Holds an element that must not be seen, or not plainly; lets go of one that may. */
export function hold(element: Styled, { state, cover }: Look): void {
  if (over && !(element.getRootNode() instanceof ShadowRoot)) return letGo(element);
  letGo(element);
  if (state === "pending" || state === "hidden") set(element, UNSEEN);
  else if (state === "covered") set(element, cover?.startsWith("blur") ? { filter: blurOf(cover) } : EMPTIED);
}

/** A blurred picture in its place. */
const blurOf = (cover: string): string => `blur(${cover.slice("blur-".length)}px) contrast(0.6) saturate(0.6)`;

function set(element: Styled, declarations: Declarations): void {
  const { style } = element;
  held.set(element, {
    style: element.getAttribute("style"),
    declarations: Object.keys(declarations).map((name) => [
      name,
      style.getPropertyValue(name),
      style.getPropertyPriority(name),
    ]),
  });
  for (const [name, value] of Object.entries(declarations)) style.setProperty(name, value, "important");
}

export function letGo(element: Styled): void {
  const was = held.get(element);
  if (was === undefined) return;
  held.delete(element);
  for (const [name, value, priority] of was.declarations) {
    if (value === "") element.style.removeProperty(name);
    else element.style.setProperty(name, value, priority);
  }
  if (was.style === null && element.getAttribute("style") === "") element.removeAttribute("style");
}

/** Blanks the whole document until the user style sheet is there, or until it takes too long. */
export function holdDocument(): void {
  const root = document.documentElement as Styled | null;
  if (root === null || over) return;
  if (!held.has(root)) set(root, UNSEEN);
  setTimeout(() => letGo(root), LONGEST_MS);
}

/** The user style sheet is there, or Flinch is switched off. */
export function letGoForGood(elements: Iterable<Styled>): void {
  over = true;
  const root = document.documentElement as Styled | null;
  if (root !== null) letGo(root);
  for (const element of elements) if (!(element.getRootNode() instanceof ShadowRoot)) letGo(element);
}
