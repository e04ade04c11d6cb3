/** `<img>`, also with `srcset` or inside `<picture>`, loaded at once or lazily. */

import { Still } from "../still";
import { type Kind } from "./kind";

export const image: Kind = {
  selector: "img",
  attributes: ["src", "srcset", "sizes", "crossorigin"],
  attend: (element, desk) => new Still(element as HTMLImageElement, desk, () => () => element as HTMLImageElement),
};

/** Attributes of the `<source>` elements beside an `<img>` that choose another file. */
export const SOURCE_ATTRIBUTES = ["src", "srcset", "sizes", "media", "type"];
