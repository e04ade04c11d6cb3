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

/** Reads a bitmap's pixels over white; throws TooLarge, or SecurityError when it came from a tainted element. */
export function readBitmap(bitmap: ImageBitmap): Rgba {
  const { width, height } = bitmap;
  if (width * height > MAX_PIXELS) throw new TooLarge(`${width} x ${height} pixels`);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  // Premultiplied source over opaque white rounds to the contract's (c * a + 255 * (255 - a) + 127) // 255, whereas
  // reading translucent pixels back would lose bits to the division by alpha.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}
