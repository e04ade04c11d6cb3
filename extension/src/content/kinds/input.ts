/** `<input type=image>`. */

import { Still } from "../still";
import { Twin } from "../twin";
import { type Kind } from "./kind";

export const input: Kind = {
  selector: "input[type=image i]",
  attributes: ["src", "type"],
  attend: (element, desk) =>
    new Still(element as HTMLInputElement, desk, (settled) => {
      const twin = new Twin(settled);
      return () => twin.follow((element as HTMLInputElement).src);
    }),
};
