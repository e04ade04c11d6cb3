/** The one element of ours on a page: a closed shadow root in the top layer, over everything the page can show. */

import { shadowOf } from "../tree";
import { STYLE } from "./style";

const HTML = "http://www.w3.org/1999/xhtml";

/** Elements that hold no children, or show none. */
const CHILDLESS = "img, video, canvas, iframe, object, embed, input, svg";

/**
 * Another thing in the top layer, a dialog, a popover or what is in full screen: what lies outside of it may be inert,
 * and a press there may close it.
 */
const ENCLOSING = `:is(:modal, :popover-open):not(${CHILDLESS})`;

/** Events of ours that are none of the page's business: shortcuts, click-outside, focus traps, a popover to cancel. */
export const SHIELDED = [
  ...["pointerdown", "pointermove", "pointerup", "pointercancel", "mousedown", "mouseup", "click", "dblclick", "auxclick"],
  ...["contextmenu", "keydown", "keypress", "keyup", "focus", "focusin", "dragstart", "beforetoggle", "toggle"],
];

export class Overlay {
  readonly #host: HTMLElement;
  readonly #root: ShadowRoot;

  /** `heard` gets the events of `SHIELDED` that the page's own tree has kept from the window. */
  constructor(content: HTMLElement, heard: (event: Event) => void) {
    // A plain <div>: of a custom element the page could have `ElementInternals` hand out the closed root.
    this.#host = document.createElementNS(HTML, "div") as HTMLElement;
    this.#host.popover = "manual";
    this.#root = this.#host.attachShadow({ mode: "closed" });
    this.#addStyle();
    this.#root.append(content);
    for (const type of SHIELDED) this.#root.addEventListener(type, heard);
  }

  #addStyle(): void {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.#root.adoptedStyleSheets = [sheet];
    } catch {
      // Firefox lets no content script adopt a sheet, but its style elements are free of the page's policy.
      const style = document.createElementNS(HTML, "style");
      style.textContent = STYLE;
      this.#root.append(style);
    }
  }

  get isUp(): boolean {
    return this.#host.isConnected && this.#host.matches(":popover-open");
  }

  /** Puts the overlay over everything; again, where the page has taken it away. */
  raise(near: Element | undefined): void {
    this.#undress();
    const parent = (near && enclosing(near)) ?? document.documentElement;
    if (parent === null || (this.#host.parentNode === parent && this.isUp)) return;
    if (this.#host.parentNode !== parent) parent.append(this.#host);
    try {
      if (!this.isUp) this.#host.showPopover();
    } catch {
      // The document is on its way out. Without the top layer the style sheet still puts it in front.
    }
  }

  /** Takes away what a page has put on the host: `inert`, for one, would make it deaf. */
  #undress(): void {
    for (const { name } of [...this.#host.attributes]) if (name !== "popover") this.#host.removeAttribute(name);
    if (this.#host.popover !== "manual") this.#host.popover = "manual";
  }

  lower(): void {
    this.#host.remove();
  }

  /** Whether an event heard at the window is one of ours; inside of a page's closed shadow root that cannot be told. */
  owns({ target }: Event): boolean {
    return target === this.#host;
  }

  at(x: number, y: number): Element | null {
    return this.#root.elementFromPoint(x, y);
  }

  get focused(): HTMLElement | null {
    return this.#root.activeElement as HTMLElement | null;
  }
}

/** Whether what is in full screen cannot hold the overlay: whatever lies outside of it hears nothing. */
export function isShutOut(): boolean {
  let element = document.fullscreenElement;
  for (let inner = element; inner !== null; inner = shadowOf(inner)?.fullscreenElement ?? null) element = inner;
  return element?.matches(CHILDLESS) === true;
}

function enclosing(element: Element): Element | null {
  for (let inner: Element | undefined = element; inner !== undefined; ) {
    const found = inner.closest(ENCLOSING);
    if (found !== null) return found;
    inner = (inner.getRootNode() as Partial<ShadowRoot>).host;
  }
  return null;
}
