/** `<image>` inside `<svg>`, by `href` or `xlink:href`. */

import { Still } from "../still";
import { Twin } from "../twin";
import { type Kind } from "./kind";

export const svgImage: Kind = {
  // An `<image>` of HTML is an `<img>` once parsed.
  selector: "image",
  attributes: ["href", "crossorigin"],
  attend: (element, desk) =>
    new Still(element as SVGImageElement, desk, (settled) => {
      const twin = new Twin(settled);
      return () => twin.follow(addressOfImage(element as SVGImageElement), element.getAttribute("crossorigin"));
    }),
};

function addressOfImage({ href, baseURI }: SVGImageElement): string {
  try {
    return href.baseVal === "" ? "" : new URL(href.baseVal, baseURI).href;
  } catch {
    return "";
  }
}
