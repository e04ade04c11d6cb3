import { expect, test } from "vitest";
import { policyFor } from "../src/policy";
import { DEFAULTS } from "../src/settings";
import { allowing, hostOf, siteOf } from "../src/site";

const standing = (change = {}, paused = false) => ({ settings: { ...DEFAULTS, ...change }, paused });
const page = { url: "https://www.example.com/page", incognito: false };

test("pictures are covered unless the reader has said otherwise", () => {
  expect(policyFor(standing(), page).on).toBe(true);
  expect(policyFor(standing({ on: false }), page).on).toBe(false);
  expect(policyFor(standing({}, true), page).on).toBe(false);
  expect(policyFor(standing({ allowed: ["other.example"] }), page).on).toBe(true);
  expect(policyFor(standing({ allowed: ["www.example.com"] }), page).on).toBe(false);
});

test("a page whose address nobody knows is on no list", () => {
  const allowing = standing({ allowed: ["example.com"] });

  expect(policyFor(allowing, { incognito: false }).on).toBe(true);
  expect(policyFor(allowing, { url: "about:blank", incognito: false }).on).toBe(true);
  expect(policyFor(allowing, { url: "file:///home/example.com", incognito: false }).on).toBe(true);
});

test("private windows never report, nor does anybody without a service", () => {
  const reporting = standing({ reports: true, reportTo: "https://flinch.example" });

  expect(policyFor(reporting, page).reports).toBe(true);
  expect(policyFor(reporting, { ...page, incognito: true }).reports).toBe(false);
  expect(policyFor(standing({ reports: true }), page).reports).toBe(false);
});

test("a domain on the list allows what lies below it, and nothing beside it", () => {
  expect(allowing("www.example.com", ["example.com"])).toEqual(["example.com"]);
  expect(allowing("notexample.com", ["example.com"])).toEqual([]);
  expect(allowing("example.com.evil.net", ["example.com"])).toEqual([]);
  expect(allowing("example.com", ["www.example.com"])).toEqual([]);
  // One slip must not allow half of the web; but a machine in a network at home may have such a name.
  expect(allowing("example.com", ["com"])).toEqual([]);
  expect(allowing("printer", ["printer"])).toEqual(["printer"]);
});

test.each([
  ["https://www.Example.com:8443/a?b#c", "www.example.com"],
  ["  example.com/path ", "example.com"],
  ["*.example.com", "example.com"],
  ["localhost:3000", "localhost"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["example.com.", "example.com"],
  ["0x7f.1", "127.0.0.1"],
  ["http://[::1]:80/", "[::1]"],
  ["ftp://example.com", undefined],
  ["two words", undefined],
  ["ex*mple.com", undefined],
  ["", undefined],
])("a person who types %j means %j", (typed, host) => {
  expect(hostOf(typed)).toBe(host);
});

test("only pages of the web are of a site", () => {
  expect(siteOf("https://user:secret@example.com/")).toBe("example.com");
  expect(siteOf("chrome://settings")).toBeUndefined();
  expect(siteOf("not an address")).toBeUndefined();
  expect(siteOf(undefined)).toBeUndefined();
});
