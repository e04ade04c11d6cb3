/** From encoded bytes to pixels equal to Python's: first frame, EXIF orientation, sRGB, alpha over white. */

import { type Rgba } from "./preprocess";

/** About 250 MB while it is read; a larger picture is not worth a crashed worker. */
const MAX_PIXELS = 64e6;

export class TooLarge extends Error {}

/** Decodes without resizing; rejects with InvalidStateError when the browser cannot read the bytes. */
export async function decode(blob: Blob): Promise<Rgba> {
  const bitmap = await createImageBitmap(blob, DECODING);
  try {
    return readBitmap(bitmap);
  } finally {
    bitmap.close();
  }
}

/** The defaults, written down because verdicts depend on them. */
export const DECODING: ImageBitmapOptions = {
  colorSpaceConversion: "default",
  imageOrientation: "from-image",
  premultiplyAlpha: "default",
};

/** Kept from one picture to the next: a canvas's first stroke costs a millisecond, and as much of another thread. */
let kept: OffscreenCanvasRenderingContext2D | undefined;
/** Of the canvas that is kept: 4 MB. */
const MOST_KEPT_PIXELS = 1 << 20;

/** Reads a bitmap's pixels over white; throws TooLarge, or SecurityError when it came from a tainted element. */
export function readBitmap(bitmap: ImageBitmap): Rgba {
  const { width, height } = bitmap;
  if (width * height > MAX_PIXELS) throw new TooLarge(`${width} x ${height} pixels`);
  const context = contextFor(width, height);
  // Premultiplied source over opaque white rounds to the contract's (c * a + 255 * (255 - a) + 127) // 255, whereas
  // reading translucent pixels back would lose bits to the division by alpha.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  // Only now: what a tainted picture was drawn on stays tainted.
  if (context.canvas.width * context.canvas.height <= MOST_KEPT_PIXELS) kept = context;
  return pixels;
}

/** The context that was kept, where the picture fits, else one that fits what came before as well. */
function contextFor(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const last = kept;
  kept = undefined;
  if (last !== undefined && last.canvas.width >= width && last.canvas.height >= height) return last;
  const [w, h] = [Math.max(width, last?.canvas.width ?? 0), Math.max(height, last?.canvas.height ?? 0)];
  const canvas = w * h <= MOST_KEPT_PIXELS ? new OffscreenCanvas(w, h) : new OffscreenCanvas(width, height);
  return canvas.getContext("2d", { willReadFrequently: true })!;
}
