import { expect, test } from "vitest";
import { browserNamed, manifestFor } from "../building/browsers.mjs";

const source = {
  manifest_version: 3,
  name: "__MSG_name__",
  minimum_chrome_version: "148",
  message_serialization: "structured_clone",
  incognito: "split",
  permissions: ["offscreen", "scripting"],
  host_permissions: ["<all_urls>"],
  background: { service_worker: "background.js" },
  content_scripts: [{ js: ["page.js"] }, { js: ["content.js"], css: ["pictures.css"] }],
};

test("Chrome gets the source with the version", () => {
  expect(manifestFor("chrome", source, "1.2.3")).toEqual({ ...source, version: "1.2.3" });
});

test("Firefox gets the same with a background page, a user style sheet, an id, and nothing that is Chrome's", () => {
  const manifest = manifestFor("firefox", source, "1.2.3");

  expect(manifest).toMatchObject({
    version: "1.2.3",
    name: source.name,
    permissions: ["scripting"],
    host_permissions: ["<all_urls>"],
    background: { scripts: ["background.js"] },
    content_scripts: [{ js: ["page.js"] }, { js: ["content.js"], css: ["pictures.css"], css_origin: "user" }],
  });
  const [page] = manifest["content_scripts"];
  expect(page).not.toHaveProperty("css_origin");
  for (const key of ["incognito", "message_serialization", "minimum_chrome_version"]) {
    expect(manifest).not.toHaveProperty(key);
  }
  expect(manifest["browser_specific_settings"].gecko.data_collection_permissions.required).toEqual(["none"]);
});

test("a browser that nobody builds for is refused by name", () => {
  expect(browserNamed()).toBe("chrome");
  expect(browserNamed("firefox")).toBe("firefox");
  expect(() => browserNamed("safari")).toThrow("'safari' is no browser that Flinch is built for; say chrome or firefox");
  expect(() => browserNamed("toString")).toThrow("no browser");
});
