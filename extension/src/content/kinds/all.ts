/** Every kind of element that shows pictures of its own. */

import { canvas } from "./canvas";
import { embedded } from "./embedded";
import { image } from "./image";
import { input } from "./input";
import { type Kind } from "./kind";
import { svgImage } from "./svg_image";
import { video } from "./video";

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";

const KINDS: Readonly<Record<string, Kind>> = {
  img: image,
  input,
  image: svgImage,
  video,
  object: embedded,
  embed: embedded,
  canvas,
};

const kinds = Object.values(KINDS);

export const SELECTOR = [...new Set(kinds.map(({ selector }) => selector))].join(", ");
export const ATTRIBUTES = [...new Set(kinds.flatMap(({ attributes }) => attributes))];

/** Whether the element is, or with other attributes could be, a subject. */
export const isSubject = ({ localName }: Element): boolean => Object.hasOwn(KINDS, localName);

/** By name and not by class: adopted elements keep the class of another window; `<svg:img>` shows nothing. */
export function kindOf(element: Element): Kind | undefined {
  const kind = Object.hasOwn(KINDS, element.localName) ? KINDS[element.localName]! : undefined;
  if (kind === undefined || element.namespaceURI !== (kind === svgImage ? SVG : HTML)) return undefined;
  return element.matches(kind.selector) ? kind : undefined;
}
