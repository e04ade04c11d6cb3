/**
 * What a picture on the page can be judged by, the cheapest allowed way first: no request at all, then one that the
 * browser's cache answers, and only then the offscreen document's own download.
 */

import { DECODING, readBitmap } from "../decode";
import { type Source } from "../messages";
import { preprocess } from "../preprocess";
import { Queue, type Turn } from "../queue";

/** Reading and resizing run on the page's own thread: above this, fetching the bytes costs the reader less. */
const MAX_CANVAS_PIXELS = 4e6;
/** Larger messages are slower to pass on than the file is to fetch again; from 64 MiB on they are refused. */
const MAX_MESSAGE_BYTES = 16e6;

const FETCH_TIMEOUT_MS = 30_000;
const fetching = new Queue(24);

/**
 * `size` is the side of the model's input; the image is complete and shows `url`.
 * Undefined: too large to be passed on. Rejects when the signal
 * is aborted.
 */
export async function sourceOf(
  image: HTMLImageElement,
  url: string,
  size: number,
  signal: AbortSignal,
): Promise<Source | undefined> {
  // The bytes themselves: decoding them in the worker costs this thread nothing.
  if (url.startsWith("data:") && url.length <= MAX_MESSAGE_BYTES) return { kind: "url", url };
  return (await fromCanvas(image, url, size)) ?? (await sourceOfAddress(url, signal));
}

/** The same for a picture that is only known by its address. */
export async function sourceOfAddress(url: string, signal: AbortSignal): Promise<Source | undefined> {
  if (url.startsWith("data:") && url.length <= MAX_MESSAGE_BYTES) return { kind: "url", url };
  const turn: Turn = { urgent: true, signal };
  const here = await fetching.run(turn, () => fromFetch(url, signal));
  return here ?? (url.length <= MAX_MESSAGE_BYTES ? { kind: "url", url } : undefined);
}

async function fromCanvas(image: HTMLImageElement, url: string, size: number): Promise<Source | undefined> {
  // A data: address that gets here is too long to be passed on: there is no other way.
  const limit = url.startsWith("data:") ? Infinity : MAX_CANVAS_PIXELS;
  if (image.naturalWidth * image.naturalHeight > limit || !isReadable(image, url)) return undefined;
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

/** What `preprocess` made, on its way to the model. */
export const pixelSource = (pixels: Uint8Array): Source => ({ kind: "pixels", base64: base64(pixels) });

/** Whether a canvas with this image is likely to be readable; the browser has the last word. */
function isReadable(image: HTMLImageElement, url: string): boolean {
  // Not `location.origin`: a srcdoc frame has its parent's.
  const { origin } = self;
  return image.crossOrigin !== null || /^(blob|data):/.test(url) || new URL(url).origin === origin;
}

async function fromFetch(url: string, stop: AbortSignal): Promise<Source | undefined> {
  if (!url.startsWith("http")) return undefined;
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    const response = await fetch(url, { cache: "force-cache", mode: "cors", signal });
    const blob = await response.blob();
    return blob.size > MAX_MESSAGE_BYTES ? undefined : { kind: "url", url: await dataUrl(blob) };
  } catch {
    stop.throwIfAborted();
    // The host sends no Access-Control-Allow-Origin, or nothing at all.
    return undefined;
  }
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function base64(bytes: Uint8Array): string {
  const CHUNK = 0x8000; // arguments of one call
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}
