import { expect, test } from "vitest";
import { narrowed, picturesIn } from "../src/content/backgrounds/value";

test("a computed value names its pictures, in every layer and inside of functions", () => {
  const value = 'url("https://a/1.png"), linear-gradient(red, rgb(0, 0, 0)), -webkit-cross-fade(url("b:2"), url("c"), 0.5)';

  expect(picturesIn(value)).toEqual(["https://a/1.png", "b:2", "c"]);
});

test("quotation marks, brackets and escapes in an address do not end it", () => {
  expect(picturesIn(String.raw`url("data:image/svg+xml,<svg a=\"url(x)\">\\)\a ,")`)).toEqual([
    'data:image/svg+xml,<svg a="url(x)">\\)\n,',
  ]);
});

test("gradients, colours and generated text are no pictures, and a text may speak of some", () => {
  for (const value of [
    "none",
    "repeating-conic-gradient(from 0deg, color(srgb 1 0 0) 0deg, oklab(0 0 0) calc(1% + 2px))",
    "-webkit-gradient(linear, 0% 0%, 0% 100%, from(red), to(blue))",
    String.raw`"url(no.png) \" element(#it)" counter(item) attr(title)`,
  ]) {
    expect(picturesIn(value), value).toEqual([]);
  }
});

test("what shows a picture that is not named is not taken for harmless", () => {
  for (const value of ["element(#it)", "-moz-element(#it)", 'paint(it), url("a")', 'image("a.png")']) {
    expect(picturesIn(value), value).toBeUndefined();
  }
});

test("of an image-set only the option counts that the browser takes", () => {
  const set = 'image-set(url("one") 1dppx, url("two,)") 2dppx type("image/png"), url("new") 2dppx type("image/jxl"))';

  expect(narrowed(`url("a"), ${set}, url("b")`, 1)).toBe('url("a"), image-set(url("one") 1dppx), url("b")');
  expect(picturesIn(narrowed(set, 1.5))).toEqual(["two,)"]);
  expect(picturesIn(narrowed(set, 3))).toEqual(["two,)"]);
  expect(narrowed("none", 1)).toBe("none");
});
