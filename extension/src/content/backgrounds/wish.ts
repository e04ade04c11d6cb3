/** What a page wants to show of an element by CSS, read from its computed style. */

import { narrowed, picturesIn } from "./value";

export type Place = "own" | "before" | "after" | "marker";

/** The values that can be pictures, as computed. */
export interface Part {
  readonly place: Place;
  readonly image: string;
  readonly border: string;
  readonly list: string;
  readonly content: string;
}

export interface Wish {
  readonly parts: readonly Part[];
  /** Addresses, each once; undefined: it may show what nobody can name. */
  readonly pictures: readonly string[] | undefined;
}

/** Elements without a box, or without one that CSS could put a picture on. */
const BARE = new Set(
  "area base br col head link meta noscript option param script source style template title track wbr".split(" "),
);
/** Elements that have no ::before. */
const REPLACED = new Set("audio canvas embed iframe img object svg textarea video".split(" "));

const SVG = "http://www.w3.org/2000/svg";

export const canHavePictures = (element: Element): boolean =>
  element.namespaceURI === SVG ? element.localName === "svg" : !BARE.has(element.localName);

/** List items show a picture that their list may have asked for. */
export const isListed = (element: Element): boolean => getComputedStyle(element).display.includes("list-item");

/** Undefined: nothing that must be looked after, neither a picture nor generated content. */
export function wishOf(element: Element, listed: boolean): Wish | undefined {
  const parts = [own(element, listed)];
  if (!REPLACED.has(element.localName)) parts.push(generated(element, "before"), generated(element, "after"));
  if (listed) parts.push(marker(element));
  const found = parts.filter((part) => part !== undefined);
  return found.length === 0 ? undefined : { parts: found, pictures: picturesOf(found) };
}

function own(element: Element, listed: boolean): Part | undefined {
  const style = getComputedStyle(element);
  const image = style.backgroundImage;
  const border = style.borderImageSource;
  const list = listed ? style.listStyleImage : "none";
  const content = style.content;
  if (image === "none" && border === "none" && list === "none" && content === "normal") return undefined;
  return part("own", image, border, list, content);
}

function generated(element: Element, place: "before" | "after"): Part | undefined {
  const style = getComputedStyle(element, `::${place}`);
  const { content } = style;
  if (content === "none" || content === "normal" || style.display === "none") return undefined;
  return part(place, style.backgroundImage, style.borderImageSource, "none", content);
}

function marker(element: Element): Part | undefined {
  const { content } = getComputedStyle(element, "::marker");
  return content === "normal" || content === "none" ? undefined : part("marker", "none", "none", "none", content);
}

function part(place: Place, image: string, border: string, list: string, content: string): Part {
  const chosen = (value: string) => narrowed(value, devicePixelRatio);
  return { place, image: chosen(image), border: chosen(border), list: chosen(list), content: chosen(content) };
}

function picturesOf(parts: readonly Part[]): readonly string[] | undefined {
  const found = new Set<string>();
  for (const { image, border, list, content } of parts) {
    for (const value of [image, border, list, content]) {
      const pictures = picturesIn(value);
      if (pictures === undefined) return undefined;
      for (const url of pictures) found.add(url);
    }
  }
  return [...found];
}

const AT_ONCE = /^0s(, 0s)*$/;

/** Whether a change of the element's style would take its time. */
export const moves = (element: Element): boolean =>
  [null, "::before", "::after"].some((place) => !AT_ONCE.test(getComputedStyle(element, place).transitionDuration));

const PICTURED = new Set(["background-image", "border-image-source", "list-style-image", "content"]);

/** Ends what runs from one picture to another, as an `@starting-style` has it; false: nothing did. */
export function endTransitions(element: Element): boolean {
  const running = element.getAnimations({ subtree: true }).filter((animation) => {
    const isOurs = (animation.effect as KeyframeEffect | null)?.target === element;
    return isOurs && animation instanceof CSSTransition && PICTURED.has(animation.transitionProperty);
  });
  for (const animation of running) animation.finish();
  return running.length > 0;
}
