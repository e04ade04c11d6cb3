/** What the page itself calls a picture. */

const LONGEST = 100;

/** Empty where the page says nothing of it. `aria-label` and `title` are not asked: the cover writes there. */
export function nameOf(element: Element): string {
  const words =
    element.getAttribute("alt") ??
    element.querySelector(":scope > title")?.textContent ??
    element.closest("figure")?.querySelector("figcaption")?.textContent ??
    "";
  const line = words.trim().replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
