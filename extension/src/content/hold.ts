/**
 * Keeps images hidden in the moment before the user style sheet is there (a frame or two, when the service worker
 * slept). The manifest's sheet can be beaten by a page's own `!important`, in a layer or a style attribute; an important
 * style attribute can not, so that is what they get, and they get their own back afterwards.
 */

interface Was {
  readonly style: string | null;
  readonly opacity: string;
  readonly priority: string;
}

const held = new Map<HTMLImageElement, Was>();
let over = false;

export function hold(image: HTMLImageElement): void {
  if (over || held.has(image)) return;
  const { style } = image;
  held.set(image, {
    style: image.getAttribute("style"),
    opacity: style.getPropertyValue("opacity"),
    priority: style.getPropertyPriority("opacity"),
  });
  style.setProperty("opacity", "0", "important");
}

export function letGo(image: HTMLImageElement): void {
  const was = held.get(image);
  if (was === undefined) return;
  held.delete(image);
  if (was.opacity === "") image.style.removeProperty("opacity");
  else image.style.setProperty("opacity", was.opacity, was.priority);
  if (was.style === null && image.getAttribute("style") === "") image.removeAttribute("style");
}

/** The user style sheet is there. */
export function letGoForGood(): void {
  over = true;
  for (const image of [...held.keys()]) letGo(image);
}
