/** The words of `_locales` in a page. */

/** The sentence `key`, with `values` in its places; the key itself where nobody has written it yet. */
export const words = (key: string, ...values: string[]): string => chrome.i18n.getMessage(key, values) || key;

/** Fills in what the page's elements ask for: `data-words` is their text, `data-words-label` their name. */
export function fillIn(page: Document): void {
  // Of the words, not of the browser: where a translation is missing, they are English.
  page.documentElement.lang = words("lang");
  for (const element of page.querySelectorAll<HTMLElement>("[data-words]")) {
    element.textContent = words(element.dataset["words"]!);
  }
  for (const element of page.querySelectorAll<HTMLElement>("[data-words-label]")) {
    element.setAttribute("aria-label", words(element.dataset["wordsLabel"]!));
  }
}

/** Number, moment and size as people write them. */
export const told = (value: number): string => value.toLocaleString();
export const clock = (time: number): string => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
export const kilobytes = (bytes: number): string =>
  (bytes / 1000).toLocaleString([], { maximumFractionDigits: 1, minimumFractionDigits: 1 });
