/** Pictures that move: which files may, and which of their frames are looked at. */

import { type Rgba } from "./preprocess";
import { TooLarge, readBitmap } from "./decode";

/** A triggering frame may hide between these; more cost more time than most pictures are worth. */
const MOST_FRAMES = 8;
/** Frames build on each other, so the last one costs as much as all. */
const DECODING_MS = 5_000;

const ASCII = new TextDecoder("latin1");

/** The type of a file that may hold several frames, by its first bytes; undefined for one that cannot. */
export function movingType(bytes: Uint8Array): string | undefined {
  const text = (from: number, to: number) => ASCII.decode(bytes.subarray(from, to));
  if (text(0, 4) === "GIF8") return "image/gif";
  // The flags of an extended WebP: one says that it is animated.
  if (text(0, 4) === "RIFF" && text(8, 16) === "WEBPVP8X") return (bytes[20]! & 2) !== 0 ? "image/webp" : undefined;
  if (text(1, 4) === "PNG") return isAnimatedPng(bytes) ? "image/png" : undefined;
  if (text(4, 8) === "ftyp") return text(8, uint32(bytes, 0)).includes("avis") ? "image/avif" : undefined;
  return undefined;
}

/** The chunk that says so must stand before the pixels. */
function isAnimatedPng(bytes: Uint8Array): boolean {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + uint32(bytes, at)) {
    const name = ASCII.decode(bytes.subarray(at + 4, at + 8));
    if (name === "acTL") return true;
    if (name === "IDAT") return false;
  }
  return false;
}

function uint32(bytes: Uint8Array, at: number): number {
  return at + 4 > bytes.length ? 0 : new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** Indexes of at most `most` of `count` frames: the first, the last and evenly between them. */
export function chosenFrames(count: number, most = MOST_FRAMES): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: most }, (_, place) => Math.round((place * (count - 1)) / (most - 1)));
}

/**
 * Decodes the chosen frames one by one, as they are shown: composed, over white.
 *
 * Yields nothing for a file of one frame, which `decode` reads. Throws TooLarge when it takes too long, and
 * whatever ImageDecoder says of a broken file.
 */
export async function* framesOf(bytes: ArrayBuffer, type: string): AsyncGenerator<Rgba> {
  const decoder = new ImageDecoder({ data: bytes, type, preferAnimation: true });
  try {
    await Promise.all([decoder.tracks.ready, decoder.completed]);
    const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
    if (count < 2) return;
    const until = performance.now() + DECODING_MS;
    for (const frameIndex of chosenFrames(count)) {
      if (performance.now() > until) throw new TooLarge(`${count} frames`);
      const { image } = await decoder.decode({ frameIndex });
      yield await pixelsOf(image);
    }
  } finally {
    decoder.close();
  }
}

async function pixelsOf(frame: VideoFrame): Promise<Rgba> {
  try {
    const bitmap = await createImageBitmap(frame);
    const pixels = readBitmap(bitmap);
    bitmap.close();
    return pixels;
  } finally {
    frame.close();
  }
}
