/** Whether a file is the picture that the page shows: many hosts hand out another one to those who ask from elsewhere. */

import { type Picture } from "./messages";

export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** The validator of a picture of this natural size. */
export const validatorOf = ({ width, height }: Shape): string => `${width}x${height}`;

/** The natural size, where the page knows it. */
export function shapeOf({ validator }: Picture): Shape | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(validator) ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}

/**
 * True for files of the same proportions, upright or turned: a page divides the size of a `srcset` picture by its
 * density, rounds it, and may ask for another orientation.
 */
export function hasShape(file: Shape, shown: Shape): boolean {
  return fits(file, shown) || fits(file, { width: shown.height, height: shown.width });
}

/** `sizes` stretches a file that is too small for it, though hardly by more. */
const MOST_STRETCHED = 4;

function fits(file: Shape, shown: Shape): boolean {
  const scale = file.width / shown.width;
  // Half a pixel of rounding on either side, at most one pixel each.
  const slack = 1 + scale * (1 + shown.height / shown.width);
  return scale * MOST_STRETCHED >= 1 && Math.abs(file.height - shown.height * scale) <= slack;
}
