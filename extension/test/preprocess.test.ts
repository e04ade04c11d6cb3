// The fixtures are Pillow's own answers: `python tools/make_fixtures.py > test/fixtures/resize.json`.
import { describe, expect, test } from "vitest";
import { overWhite, preprocess } from "../src/preprocess";
import cases from "./fixtures/resize.json";

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

describe("preprocess", () => {
  for (const { width, height, size, opaque, rgba, expected } of cases) {
    const kind = opaque ? "opaque" : "translucent";
    test(`resizes a ${kind} ${width} x ${height} picture to ${size} exactly as Pillow does`, () => {
      const picture = { width, height, data: bytes(rgba) };

      const resized = preprocess(picture, size);

      expect(Buffer.from(resized).equals(Buffer.from(expected, "base64"))).toBe(true);
    });
  }

  test("a fully transparent picture is white", () => {
    const picture = { width: 2, height: 1, data: new Uint8Array(8) };

    const { data } = overWhite(picture);

    expect([...data]).toEqual([255, 255, 255, 255, 255, 255]);
  });

  test("a picture whose bytes do not fit its sides is refused", () => {
    const picture = { width: 2, height: 2, data: new Uint8Array(8) };

    const attempt = () => preprocess(picture, 16);

    expect(attempt).toThrow("a picture of 2 x 2 does not fit 8 bytes");
  });
});
