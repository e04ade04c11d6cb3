import { expect, test } from "vitest";
import { isPicture } from "../src/content/kinds/picture_type";

test("the type of an <object> counts more than the name of its file", () => {
  expect(isPicture("image/png", "https://example.org/page.html")).toBe(true);
  expect(isPicture("text/html", "https://example.org/picture.png")).toBe(false);
});

test("without a type the name of the file counts, whatever follows it in the address", () => {
  expect(isPicture("", "https://example.org/a/Picture.JPG?size=2#top")).toBe(true);
  expect(isPicture("", "https://example.org/a/report.pdf?picture.png")).toBe(false);
  expect(isPicture("", "https://example.org/picture")).toBe(false);
});

test("a data: address says its type itself", () => {
  expect(isPicture("", "data:image/gif;base64,R0lGOD")).toBe(true);
  expect(isPicture("", "data:text/html,picture.png")).toBe(false);
});

test("an SVG is a document, with a content script of its own", () => {
  expect(isPicture("image/svg+xml", "https://example.org/drawing.svg")).toBe(false);
  expect(isPicture("", "https://example.org/drawing.svg")).toBe(false);
});
