import { expect, test } from "vitest";
import { isRefusing, noteConsent, noteRefusal } from "../src/content/refusing";

test("a host that has refused three pictures is not asked to hand out a fourth", () => {
  for (const name of ["a", "b"]) noteRefusal(`https://closed.example/${name}.png`);
  expect(isRefusing("https://closed.example/c.png")).toBe(false);

  noteRefusal("https://closed.example/c.png");

  expect(isRefusing("https://closed.example/d.png")).toBe(true);
  expect(isRefusing("https://other.example/d.png")).toBe(false);
});

test("a host that hands out some of its pictures is asked about every one", () => {
  noteConsent("https://mixed.example/a.png");

  for (const name of ["b", "c", "d", "e"]) noteRefusal(`https://mixed.example/${name}.png`);

  expect(isRefusing("https://mixed.example/f.png")).toBe(false);
});
