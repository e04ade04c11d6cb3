import { expect, test } from "vitest";
import { chosenFrames, movingType } from "../src/animation";

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part)));

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const chunk = (name: string, length: number) => bytes([0, 0, 0, length], name, Array(length + 4).fill(0));

test.each([
  ["a GIF", bytes("GIF89a", [1, 0, 1, 0]), "image/gif"],
  ["an animated WebP", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0b10]), "image/webp"],
  ["a still WebP with transparency", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0b10000]), undefined],
  ["a simple WebP", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", [10, 0, 0, 0, 0b10]), undefined],
  ["an animated PNG", bytes(PNG, [...chunk("IHDR", 13), ...chunk("acTL", 8), ...chunk("IDAT", 9)]), "image/png"],
  ["a still PNG", bytes(PNG, [...chunk("IHDR", 13), ...chunk("IDAT", 9), ...chunk("acTL", 8)]), undefined],
  ["an AVIF sequence", bytes([0, 0, 0, 24], "ftypavif", [0, 0, 0, 0], "miafavis"), "image/avif"],
  ["a still AVIF", bytes([0, 0, 0, 24], "ftypavif", [0, 0, 0, 0], "miafmif1", "avis"), undefined],
  ["a JPEG", bytes([0xff, 0xd8, 0xff, 0xe0]), undefined],
  ["nothing", bytes(), undefined],
  ["a PNG that ends in its head", bytes(PNG, [0, 0]), undefined],
])("%s", (_what, file, type) => {
  expect(movingType(file)).toBe(type);
});

test("of few frames all are looked at, of many the first, the last and those evenly between", () => {
  expect(chosenFrames(1)).toEqual([0]);
  expect(chosenFrames(8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(chosenFrames(100)).toEqual([0, 14, 28, 42, 57, 71, 85, 99]);
});
