/** Where the pill goes: at the picture, in the viewport, and never where the pointer is. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Point, Size {}

/** Between the pill and the picture's edge or the viewport's. */
const GAP = 8;
/** Between the pill and the pointer. */
const CLEARANCE = 16;

export const contains = (box: Box, { x, y }: Point, margin = 0): boolean =>
  x >= box.x - margin && x <= box.x + box.width + margin && y >= box.y - margin && y <= box.y + box.height + margin;

/** The smallest box around two. */
export function around(one: Box, other: Box): Box {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** What can be seen of a box; undefined when nothing can. */
export function seen(box: Box, viewport: Box): Box | undefined {
  const x = Math.max(box.x, viewport.x);
  const y = Math.max(box.y, viewport.y);
  const width = Math.min(box.x + box.width, viewport.x + viewport.width) - x;
  const height = Math.min(box.y + box.height, viewport.y + viewport.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

export type Spot = "bottom" | "top" | "below" | "above" | "right" | "left" | "corner";

/** Inside first, where it fits; a video's controls are at its bottom. */
const SPOTS: readonly Spot[] = ["bottom", "top", "below", "above", "right", "left", "corner"];
const SPOTS_OF_VIDEO: readonly Spot[] = ["top", "below", "above", "bottom", "right", "left", "corner"];

export const spotsFor = (localName: string): readonly Spot[] => (localName === "video" ? SPOTS_OF_VIDEO : SPOTS);

/** The pill's corner at a spot of what is seen of a picture. */
export function at(spot: Spot, picture: Box, pill: Size, viewport: Box, pointer?: Point): Point {
  const middle = picture.x + (picture.width - pill.width) / 2;
  const centre = picture.y + (picture.height - pill.height) / 2;
  const end = { x: picture.x + picture.width, y: picture.y + picture.height };
  const spots: Record<Spot, () => Point> = {
    bottom: () => ({ x: middle, y: end.y - pill.height - GAP }),
    top: () => ({ x: middle, y: picture.y + GAP }),
    below: () => ({ x: middle, y: end.y + GAP }),
    above: () => ({ x: middle, y: picture.y - pill.height - GAP }),
    right: () => ({ x: end.x + GAP, y: centre }),
    left: () => ({ x: picture.x - pill.width - GAP, y: centre }),
    // The corner of the viewport that is farthest from the pointer.
    corner: () => ({
      x: (pointer?.x ?? 0) < viewport.x + viewport.width / 2 ? Infinity : -Infinity,
      y: (pointer?.y ?? 0) < viewport.y + viewport.height / 2 ? Infinity : -Infinity,
    }),
  };
  return clamped(spots[spot](), pill, viewport);
}

function clamped({ x, y }: Point, pill: Size, viewport: Box): Point {
  const into = (value: number, length: number, start: number, whole: number) =>
    Math.max(start + GAP, Math.min(value, start + whole - length - GAP));
  return {
    x: into(x, pill.width, viewport.x, viewport.width),
    y: into(y, pill.height, viewport.y, viewport.height),
  };
}

/** The first spot that keeps clear of the pointer and, inside a picture, leaves some of it to point at. */
export function spotFor(
  spots: readonly Spot[],
  picture: Box,
  pill: Size,
  viewport: Box,
  pointer: Point | undefined,
): Spot {
  const fits = (spot: Spot) => {
    const inside = spot === "top" || spot === "bottom";
    if (inside && (picture.width < pill.width + 2 * GAP || picture.height < 2 * (pill.height + GAP))) return false;
    const box = { ...at(spot, picture, pill, viewport, pointer), ...pill };
    return pointer === undefined || !contains(box, pointer, CLEARANCE);
  };
  return spots.find(fits) ?? "corner";
}
