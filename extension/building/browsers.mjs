// What differs from browser to browser: the manifest, the scripts, and where a build goes.

/** @typedef {"chrome" | "firefox"} Browser */
/** @typedef {Record<string, any>} Manifest */

/**
 * `folder` is for the loadable build, `scripts` are those that the others have not, `define` is known while building.
 * @type {Record<Browser, { folder: string, scripts: Record<string, string>, define: Record<string, string> }>}
 */
export const BROWSERS = {
  chrome: {
    folder: "dist",
    scripts: { background: "src/background.ts", offscreen: "src/offscreen/main.ts" },
    define: {},
  },
  // Firefox has no offscreen documents; its background is a page, which may start the worker itself.
  firefox: {
    folder: "dist-firefox",
    scripts: { background: "src/firefox.ts" },
    define: { "chrome.offscreen": "undefined", "chrome.dom": "undefined" },
  },
};

/** Never to be changed: by it Firefox knows that a new version is the same extension. */
const GECKO_ID = "{7f0c2f0e-5d0b-4a43-9d3e-6b1a0d6e41c7}";

/** The first that takes `css_origin` in a manifest, so that pictures.css wins over a page's `!important`. */
const OLDEST_FIREFOX = "144.0";

/**
 * The browser that a command line names; Chrome where it names none.
 * @param {string} [name]
 * @returns {Browser}
 */
export function browserNamed(name = "chrome") {
  if (Object.hasOwn(BROWSERS, name)) return /** @type {Browser} */ (name);
  throw new Error(`'${name}' is no browser that Flinch is built for; say ${Object.keys(BROWSERS).join(" or ")}`);
}

/**
 * The manifest for one browser: public/manifest.json is written for Chrome, the version is package.json's.
 * @param {Browser} browser
 * @param {Manifest} source
 * @param {string} version
 * @returns {Manifest}
 */
export function manifestFor(browser, source, version) {
  const manifest = { ...source, version };
  return browser === "firefox" ? forFirefox(manifest) : manifest;
}

/** Keys that Firefox does not know, or not with these values; its messages are structured clones anyway. */
const ONLY_CHROME = ["minimum_chrome_version", "message_serialization", "incognito"];

/** @param {Manifest} manifest @returns {Manifest} */
function forFirefox({ permissions, background, content_scripts, ...rest }) {
  const same = Object.fromEntries(Object.entries(rest).filter(([key]) => !ONLY_CHROME.includes(key)));
  return {
    ...same,
    permissions: permissions.filter((/** @type {string} */ name) => name !== "offscreen"),
    background: { scripts: [background.service_worker] },
    content_scripts: content_scripts.map((/** @type {Manifest} */ script) =>
      "css" in script ? { ...script, css_origin: "user" } : script,
    ),
    browser_specific_settings: {
      gecko: {
        id: GECKO_ID,
        strict_min_version: OLDEST_FIREFOX,
        // A report, which the reader switches on, holds the address of a picture on a page.
        data_collection_permissions: { required: ["none"], optional: ["websiteContent"] },
      },
    },
  };
}
