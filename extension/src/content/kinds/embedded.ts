/**
 * `<object>` and `<embed>` of a picture. Everything else that they can hold is a document, and what is in there is
 * looked after by its own content script.
 */

import { Still } from "../still";
import { Twin } from "../twin";
import { type Kind } from "./kind";
import { isPicture } from "./picture_type";

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
