/** Two decisions that depend on a picture's size. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** CSS pixels and picture pixels alike. */
export const SMALLEST = 36;

/**
 * A picture is shown unjudged when its own size and its size on the page are both tiny: below 36 px on both sides.
 * A photograph squeezed into an icon is judged, since it may be enlarged; so is an icon blown up.
 */
export const isTiny = ({ width, height }: Size): boolean => Math.max(width, height) < SMALLEST;

const RADII = [6, 12, 24, 48, 96] as const;

/**
 * The radius of the blur, one of those that pictures.css knows: the first of at least an eighth of the longer side,
 * which leaves about a hundredth of a pattern that repeats every quarter of the picture and nothing of finer ones.
 * A picture that is not laid out yet may turn out to be of any size and gets the largest.
 */
export function blurRadius({ width, height }: Size): number {
  const side = Math.max(width, height);
  return RADII.find((radius) => side > 0 && radius >= side / 8) ?? RADII[RADII.length - 1]!;
}
