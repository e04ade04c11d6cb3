/** What everyone who looks after a subject needs; made once a frame, by main.ts. */

import { type Policy } from "../messages";
import { type Again } from "./again";
import { type Known } from "./known";
import { type Line } from "./line";
import { type Registry } from "./registry";
import { type SharedPictures } from "./shared_picture";
import { type Sight } from "./sight";
import { type Sizes } from "./sizes";

export interface Desk {
  readonly registry: Registry;
  readonly line: Line;
  readonly known: Known;
  readonly again: Again;
  readonly pictures: SharedPictures;
  readonly sight: Sight;
  readonly sizes: Sizes;
  /** What the settings mean for this frame now. */
  policy: Policy;
}

/** Elements whose look can be changed by a style attribute. */
export type Styled = HTMLElement | SVGElement;
