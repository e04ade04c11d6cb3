/**
 * What a picture on the page can be judged by, the cheapest allowed way first: no request at all, then one that the
 * browser's cache answers, and only then the offscreen document's own download.
 */

import { DECODING, readBitmap } from "../decode";
import { limited } from "../limit";
import { type Source } from "../messages";
import { preprocess } from "../preprocess";

/** Reading and resizing run on the page's own thread: above this, fetching the bytes costs the reader less. */
const MAX_CANVAS_PIXELS = 4e6;
/** Larger messages are slower to pass on than the file is to fetch again. */
const MAX_MESSAGE_BYTES = 16e6;

const fetching = limited(24);

/** `size` is the side of the model's input; the image is complete and shows `url`. */
export async function sourceOf(image: HTMLImageElement, url: string, size: number): Promise<Source> {
  if (url.startsWith("data:")) return { kind: "url", url };
  return (await fromCanvas(image, url, size)) ?? (await fetching(() => fromFetch(url))) ?? { kind: "url", url };
}

async function fromCanvas(image: HTMLImageElement, url: string, size: number): Promise<Source | undefined> {
  if (size === 0 || !isReadable(image, url) || image.naturalWidth * image.naturalHeight > MAX_CANVAS_PIXELS) {
    return undefined;
  }
  try {
    // A bitmap, not drawImage: that would draw a `srcset` picture of double density at half its pixels.
    const bitmap = await createImageBitmap(image, DECODING);
    const pixels = preprocess(readBitmap(bitmap), size);
    bitmap.close();
    return { kind: "pixels", base64: base64(pixels) };
  } catch {
    // Tainted by a redirect, a drawing without a size, or gone: the next way decides.
    return undefined;
  }
}

/** Whether a canvas with this image is likely to be readable; the browser has the last word. `self`: srcdoc has its parent's origin. */
function isReadable(image: HTMLImageElement, url: string): boolean {
  return image.crossOrigin !== null || url.startsWith("blob:") || new URL(url).origin === self.origin;
}

async function fromFetch(url: string): Promise<Source | undefined> {
  if (!url.startsWith("http")) return undefined;
  try {
    const response = await fetch(url, { cache: "force-cache", mode: "cors" });
    const blob = await response.blob();
    return blob.size > MAX_MESSAGE_BYTES ? undefined : { kind: "url", url: await dataUrl(blob) };
  } catch {
    // The host sends no Access-Control-Allow-Origin.
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
