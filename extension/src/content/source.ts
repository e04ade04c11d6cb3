/**
 * What a picture on the page can be judged by, the cheapest allowed way first: without a request, then by one that the
 * browser's cache answers, and only then by the offscreen document's own download.
 *
 * | picture | way |
 * | --- | --- |
 * | data: | its bytes; a short one as it is |
 * | blob: | its bytes; once the page has revoked the address, what a canvas shows |
 * | small JPEG that a canvas may read | the canvas: it cannot move, and no file has to be passed on |
 * | any other | its bytes by a CORS fetch from the page's cache, else a canvas where it may be read, else the address |
 * | of a host that has refused the like | the address at once |
 */

import { DECODING, readBitmap } from "../decode";
import { isFleeting } from "../fleeting";
import { type Source } from "../messages";
import { preprocess } from "../preprocess";
import { Queue, type Turn } from "../queue";
import { isRefusing, noteConsent, noteRefusal } from "./refusing";

/** Reading a canvas runs on the page's own thread: 1 ms for so many pixels, 43 ms for 4 million, and then the resize. */
const MAX_CANVAS_PIXELS = 128 * 1024;
/** Strings are copied on the page's thread, files are not. */
const MAX_STRING = 64 * 1024;

const FETCH_TIMEOUT_MS = 30_000;
const fetching = new Queue(24);

/**
 * `size` is the side of the model's input; the image is complete and shows `url`. Undefined: nothing may be passed on.
 * Rejects when the signal is aborted.
 */
export async function sourceOf(
  image: HTMLImageElement,
  url: string,
  size: number,
  signal: AbortSignal,
): Promise<Source | undefined> {
  const alone = addressAlone(image, url);
  if (alone !== undefined) return alone;
  const readable = isReadable(image, url);
  const small = image.naturalWidth * image.naturalHeight <= MAX_CANVAS_PIXELS;
  if (readable && small && isJpeg(url)) {
    const drawn = await fromCanvas(image, size);
    if (drawn !== undefined) return drawn;
  }
  const file = await fromFile(url, signal);
  if (file !== undefined) return file;
  // Of a picture that may move, a canvas would only show the frame of this moment.
  const drawn = readable && !namesAnimation(url) ? await fromCanvas(image, size) : undefined;
  return drawn ?? fromAddress(url);
}

/** What will be all that can be said of a picture, as its host has refused to let others be read; else undefined. */
export function addressAlone(image: HTMLImageElement, url: string): Source | undefined {
  const isLost = url.startsWith("http") && isRefusing(url) && !isReadable(image, url);
  return isLost ? { kind: "url", url } : undefined;
}

/** What `preprocess` made, on its way to the model. */
export const pixelSource = (pixels: Uint8Array): Source => ({ kind: "pixels", pixels });

function fromAddress(url: string): Source | undefined {
  return url.startsWith("data:") ? undefined : { kind: "url", url };
}

async function fromCanvas(image: HTMLImageElement, size: number): Promise<Source | undefined> {
  try {
    // A bitmap, not drawImage: that would draw a `srcset` picture of double density at half its pixels.
    const bitmap = await createImageBitmap(image, DECODING);
    const pixels = preprocess(readBitmap(bitmap), size);
    bitmap.close();
    return pixelSource(pixels);
  } catch {
    // Tainted by a redirect, a drawing without a size, or gone: the next way decides.
    return undefined;
  }
}

/** Whether a canvas with this image is likely to be readable; the browser has the last word. */
function isReadable(image: HTMLImageElement, url: string): boolean {
  // Not `location.origin`: a srcdoc frame has its parent's.
  const { origin } = self;
  return image.crossOrigin !== null || /^(blob|data):/.test(url) || new URL(url).origin === origin;
}

const isJpeg = (url: string): boolean => /^data:image\/jpeg|^http[^?#]*\.jpe?g([?#]|$)/i.test(url);
const namesAnimation = (url: string): boolean => /^http[^?#]*\.(gif|webp|avif|apng)([?#]|$)/i.test(url);

async function fromFile(url: string, stop: AbortSignal): Promise<Source | undefined> {
  if (url.startsWith("data:") && url.length <= MAX_STRING) return { kind: "url", url };
  if (!/^(http|blob:|data:)/.test(url)) return undefined;
  const turn: Turn = { urgent: true, signal: stop };
  const fetched = () => fetchFile(url, stop);
  // What is here already does not wait behind what is not.
  return url.startsWith("http") ? fetching.run(turn, fetched) : fetched();
}

async function fetchFile(url: string, stop: AbortSignal): Promise<Source | undefined> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { cache: "force-cache", mode: "cors", signal });
    if (url.startsWith("http")) noteConsent(url);
    return { kind: "file", file: await response.blob(), fleeting: isFleeting(response) };
  } catch {
    stop.throwIfAborted();
    if (url.startsWith("http") && !signal.aborted) noteRefusal(url);
    // The host sends no Access-Control-Allow-Origin, or nothing at all; or the page has revoked the blob.
    return undefined;
  }
}
