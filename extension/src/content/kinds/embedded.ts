/**
 * `<object>` and `<embed>` of a picture. Everything else that they can hold is a document, and what is in there is
 * looked after by its own content script.
 */

import { Still } from "../still";
import { Twin } from "../twin";
import { type Kind } from "./kind";

export const embedded: Kind = {
  selector: "object, embed",
  attributes: ["data", "src", "type"],
  attend: (element, desk) =>
    new Still(element as HTMLObjectElement | HTMLEmbedElement, desk, (settled) => {
      const twin = new Twin(settled);
      return () => {
        const url = addressOf(element);
        return isPicture(element.getAttribute("type") ?? "", url) ? twin.follow(url) : undefined;
      };
    }),
};

const addressOf = (element: Element): string =>
  element.localName === "object" ? (element as HTMLObjectElement).data : (element as HTMLEmbedElement).src;

/** File names by which Chrome takes an `<object>` without a type for a picture; SVG becomes a document. */
const PICTURE_NAME = /\.(apng|avif|bmp|dib|gif|ico|jfif|jpe|jpe?g|pjp|pjpeg|png|tiff?|webp|xbm)$/i;

/** The browser's own rule (the type, else the name), so that what is no picture here is none there. */
export function isPicture(type: string, url: string): boolean {
  if (type !== "") return isPictureType(type);
  const data = /^data:([^;,]*)/i.exec(url);
  if (data !== null) return isPictureType(data[1]!);
  return PICTURE_NAME.test(url.split(/[?#]/, 1)[0]!);
}

const isPictureType = (type: string): boolean => /^image\/(?!svg)/i.test(type.trim());
