/** One sort of element that shows pictures of its own. */

import { type Attended } from "../attended";
import { type Desk } from "../desk";

export interface Kind {
  /** Which elements they are; pictures.css hides the same. */
  readonly selector: string;
  /** Attributes that choose another picture. */
  readonly attributes: readonly string[];
  attend(element: Element, desk: Desk): Attended;
}
