// `npm run lint`: what addons.mozilla.org, and `web-ext lint`, would say of the built extension: nothing about
// Firefox's, and about Chrome's nothing but what follows from its not being Firefox's.
// @ts-expect-error: it comes without types.
import linter from "addons-linter";
import { BROWSERS } from "./building/browsers.mjs";

/** Codes of the linter that are no news. */
const EXPECTED = {
  firefox: [],
  chrome: [
    "BACKGROUND_SERVICE_WORKER_NOFALLBACK", // Firefox has no service workers for extensions; Chrome only these
    "ADDON_ID_REQUIRED", // by Firefox; Chrome's store gives the id
    "MISSING_DATA_COLLECTION_PERMISSIONS", // a key of Firefox
    "INCOGNITO_SPLIT_UNSUPPORTED", // Chrome keeps what private windows know apart; Firefox's build leaves the key out
    "MANIFEST_PERMISSIONS", // "offscreen"
    "UNSUPPORTED_API", // chrome.offscreen, chrome.dom
    "STORAGE_SYNC", // wants the id above
  ],
};

/** @param {string} folder @returns {Promise<{ code: string, message: string, file?: string }[]>} */
async function findings(folder) {
  const config = { _: [folder], logLevel: "fatal", output: "none", selfHosted: false, stack: false };
  const { errors, warnings, notices } = await linter.createInstance({ config, runAsBinary: false }).run();
  return [...errors, ...warnings, ...notices];
}

for (const [browser, { folder }] of Object.entries(BROWSERS)) {
  const found = await findings(folder);
  /** @type {readonly string[]} */
  const expected = EXPECTED[/** @type {keyof typeof EXPECTED} */ (browser)];
  const news = found.filter(({ code }) => !expected.includes(code));
  const gone = expected.filter((code) => !found.some((finding) => finding.code === code));
  for (const { file = folder, code, message } of news) console.error(`${browser}: ${file}: ${code}: ${message}`);
  for (const code of gone) console.error(`${browser}: lint.mjs: ${code} is expected and does not come: take it out`);
  if (news.length + gone.length > 0) process.exitCode = 1;
}
