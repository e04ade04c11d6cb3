/** One frame of a video or canvas, read small: moving pictures are read several times a second, on the page's thread. */

import { type Source } from "../messages";
import { type Rgba, preprocess } from "../preprocess";
import { pixelSource } from "./source";

/** Twice the side of the model's input leaves the last, exact resize enough to do; reading more costs and gains nothing. */
const LONGER_SIDE = 320;

/** An alpha that nobody sees; where a film shows nothing, its lossy codec leaves 1. */
const FAINT = 4;

type Drawable = HTMLVideoElement | HTMLCanvasElement;

/** The element's page may not be read: its bytes came from another origin without its consent. */
export class Unreadable extends Error {}

let context: OffscreenCanvasRenderingContext2D | undefined;

/** Reads what the element shows at this moment, with its alpha; throws Unreadable. */
export function readFrame(element: Drawable, width: number, height: number): Rgba {
  const scale = Math.min(1, LONGER_SIDE / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  // A tainted canvas stays so: it is thrown away.
  const drawn = context ?? new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true })!;
  context = undefined;
  Object.assign(drawn.canvas, { width: w, height: h });
  drawn.imageSmoothingQuality = "medium";
  try {
    drawn.drawImage(element, 0, 0, w, h);
    const pixels = drawn.getImageData(0, 0, w, h);
    context = drawn;
    return pixels;
  } catch {
    throw new Unreadable();
  }
}

export const sourceOfFrame = (frame: Rgba, size: number): Source => pixelSource(preprocess(frame, size));

/** Whether nothing of it can be seen. */
export const isEmpty = ({ data }: Rgba): boolean => {
  for (let at = 3; at < data.length; at += 4) if (data[at]! > FAINT) return false;
  return true;
};

export const isSame = (one: Rgba | undefined, other: Rgba): boolean =>
  one !== undefined && one.width === other.width && one.data.every((value, at) => value === other.data[at]);
