/**
 * The resize contract `stretch-triangle`: what training did to every picture, bit for bit.
 *
 * Alpha over white, then the whole picture (aspect ignored) to size x size by Pillow's antialiased BILINEAR:
 * fixed-point coefficients of 22 bits, horizontal then vertical pass, each rounded to uint8, a pass skipped when
 * that side already fits. Follows libImaging/Resample.c of Pillow (whose version 13 may swap the passes, so Python
 * calls it once a side); `createImageBitmap`'s own resize is another
 * filter and flips verdicts, so it is never used.
 */

/** 8-bit sRGB pixels with straight alpha, rows from the top, 4 bytes a pixel. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface Taps {
  /** First source sample of each output sample. */
  readonly first: Int32Array;
  /** Number of source samples of each output sample. */
  readonly count: Int32Array;
  /** `stride` fixed-point weights for each output sample. */
  readonly weights: Int32Array;
  readonly stride: number;
}

// 32 bits less 8 for the sample and 2 for the overshoot of other filters, as in Pillow.
const PRECISION_BITS = 32 - 8 - 2;
const HALF = 1 << (PRECISION_BITS - 1);

export const RESIZE_CONTRACT = "stretch-triangle";

/** Returns size * size * 3 bytes: RGB, rows from the top, ready for the model. */
export function preprocess(picture: Rgba, size: number): Uint8Array {
  // Most frames of films are opaque: they need no copy without alpha.
  return resize(isOpaque(picture) && picture.width !== size ? picture : overWhite(picture), size);
}

function isOpaque({ width, height, data }: Rgba): boolean {
  if (data.length !== width * height * 4) return false;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/** Composites alpha over white with (c * a + 255 * (255 - a) + 127) // 255 and drops it. */
export function overWhite({ width, height, data }: Rgba): Plane {
  if (width < 1 || height < 1 || data.length !== width * height * 4) {
    throw new RangeError(`a picture of ${width} x ${height} does not fit ${data.length} bytes`);
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const alpha = data[from + 3]!;
    if (alpha === 255) {
      rgb[to] = data[from]!;
      rgb[to + 1] = data[from + 1]!;
      rgb[to + 2] = data[from + 2]!;
    } else {
      const white = 255 * (255 - alpha) + 127;
      rgb[to] = ((data[from]! * alpha + white) / 255) | 0;
      rgb[to + 1] = ((data[from + 1]! * alpha + white) / 255) | 0;
      rgb[to + 2] = ((data[from + 2]! * alpha + white) / 255) | 0;
    }
  }
  return { width, height, data: rgb };
}

function resize(picture: Plane | Rgba, size: number): Uint8Array {
  const narrowed =
    picture.width === size ? (picture as Plane) : horizontalPass(picture, tapsFor(picture.width, size), size);
  return narrowed.height === size ? narrowed.data : verticalPass(narrowed, tapsFor(narrowed.height, size), size);
}

/** `precompute_coeffs` with the triangle filter, then `normalize_coeffs_8bpc`. */
function tapsFor(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * stride);
  const exact = new Float64Array(stride);
  // Pillow multiplies by the reciprocal; dividing would round differently.
  const reciprocal = 1 / support;
  for (let out = 0; out < to; out++) {
    const center = (out + 0.5) * scale;
    const low = Math.max(Math.trunc(center - support + 0.5), 0);
    const high = Math.min(Math.trunc(center + support + 0.5), from);
    let total = 0;
    for (let i = 0; i < high - low; i++) {
      const distance = Math.abs((i + low - center + 0.5) * reciprocal);
      exact[i] = distance < 1 ? 1 - distance : 0;
      total += exact[i]!;
    }
    for (let i = 0; i < high - low; i++) {
      const weight = total === 0 ? exact[i]! : exact[i]! / total;
      weights[out * stride + i] = Math.trunc(0.5 + weight * (1 << PRECISION_BITS));
    }
    first[out] = low;
    count[out] = high - low;
  }
  return { first, count, weights, stride };
}

/** Takes three bytes a pixel, or four, the last of which is not looked at. */
function horizontalPass({ width, height, data }: Plane | Rgba, taps: Taps, size: number): Plane {
  const { first, count, weights, stride } = taps;
  const step = data.length === width * height * 4 ? 4 : 3;
  const result = new Uint8Array(size * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width * step;
    for (let x = 0; x < size; x++, to += 3) {
      let from = row + first[x]! * step;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const base = x * stride;
      const end = base + count[x]!;
      for (let tap = base; tap < end; tap++, from += step) {
        const weight = weights[tap]!;
        red += data[from]! * weight;
        green += data[from + 1]! * weight;
        blue += data[from + 2]! * weight;
      }
      result[to] = clip(red);
      result[to + 1] = clip(green);
      result[to + 2] = clip(blue);
    }
  }
  return { width: size, height, data: result };
}

function verticalPass({ width, data }: Plane, taps: Taps, size: number): Uint8Array {
  const { first, count, weights, stride } = taps;
  const rowBytes = width * 3;
  const result = new Uint8Array(rowBytes * size);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < size; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < count[y]!; tap++) {
      const weight = weights[y * stride + tap]!;
      const row = (first[y]! + tap) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i]! += data[row + i]! * weight;
    }
    const to = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) result[to + i] = clip(sums[i]!);
  }
  return result;
}

/** The weights add up to 1 within rounding, so a sum can pass 255 by a hair but never reach below 0. */
function clip(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value > 255 ? 255 : value;
}
