/** Draws an SVG, which only a document can; it runs no scripts and loads nothing as an image. */

import { DECODING } from "../decode";

/** For drawings that name no size of their own. */
const DEFAULT_SIDE = 512;
const MAX_SIDE = 2048;

/** Rejects with EncodingError when the blob is no drawing. */
export async function draw(blob: Blob): Promise<ImageBitmap> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await image.decode();
    return await createImageBitmap(image, {
      ...DECODING,
      resizeWidth: Math.min(image.naturalWidth || DEFAULT_SIDE, MAX_SIDE),
      resizeHeight: Math.min(image.naturalHeight || DEFAULT_SIDE, MAX_SIDE),
    });
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
