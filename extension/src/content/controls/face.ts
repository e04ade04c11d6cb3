/** What the pill looks like and says to those who see it and those who listen. Decides nothing. */

import { type Offer, type View } from "./offers";
import { type Point, type Size } from "./place";
import { ARMED, DIRECTION, HOW_TO_SHOW, LANGUAGE, OFFERS, said } from "./words";

const HTML = "http://www.w3.org/1999/xhtml";

/** A live region that is filled in the moment it appears is not read out. */
const SPEAK_AFTER_MS = 150;

function make(name: string, className: string, text = ""): HTMLElement {
  // By namespace: in an SVG document `createElement` makes something else.
  const element = document.createElementNS(HTML, name) as HTMLElement;
  element.className = className;
  element.textContent = text;
  return element;
}

export class Face {
  readonly element = make("div", "pill");
  readonly #says = make("p", "says");
  readonly #row = make("div", "row");
  readonly #how = make("span", "heard", HOW_TO_SHOW);
  readonly #heard = make("span", "heard");
  #buttons = new Map<Element, Offer>();
  #speaking: ReturnType<typeof setTimeout> | undefined;

  constructor(holdMs: number) {
    this.element.dir = DIRECTION;
    this.element.lang = LANGUAGE;
    // A dialog that leaves the page usable: screen readers say its name when the keyboard comes in.
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-describedby", "says");
    this.element.tabIndex = -1;
    this.element.style.setProperty("--hold", `${holdMs}ms`);
    this.#says.id = "says";
    this.#how.id = "how";
    this.#heard.setAttribute("role", "status");
    this.element.append(this.#says, this.#row, this.#how, this.#heard);
  }

  /** Buttons that stay are the same elements as before, so that the keyboard stays where it is. */
  show({ says, offers }: View, label: string): void {
    this.element.setAttribute("aria-label", label);
    this.#says.textContent = said(says);
    for (const [button, offer] of this.#buttons) if (!offers.includes(offer)) button.remove();
    const old = new Map([...this.#buttons].map(([button, offer]) => [offer, button]));
    this.#buttons = new Map(offers.map((offer) => [old.get(offer) ?? this.#button(offer), offer]));
    // Those that stay are not moved: that would take the keyboard from them.
    for (const button of this.#buttons.keys()) if (button.parentNode === null) this.#row.append(button);
  }

  #button(offer: Offer): HTMLElement {
    const button = make("button", offer) as HTMLButtonElement;
    button.type = "button";
    button.append(make("span", "progress"), make("span", "label", OFFERS[offer]));
    if (offer === "show") button.setAttribute("aria-describedby", "how");
    return button;
  }

  /** The first press was made: the button says that it needs another. */
  arm(armed: boolean): void {
    const button = this.#of("show");
    const label = button?.querySelector(".label");
    if (button === undefined || label == null || button.classList.contains("armed") === armed) return;
    button.classList.toggle("armed", armed);
    label.textContent = armed ? ARMED : OFFERS.show;
    if (armed) this.speak(ARMED);
  }

  hold(held: boolean): void {
    this.#of("show")?.classList.toggle("holding", held);
  }

  /** Says something to those who listen. */
  speak(words: string): void {
    clearTimeout(this.#speaking);
    this.#heard.textContent = "";
    this.#speaking = setTimeout(() => (this.#heard.textContent = words), SPEAK_AFTER_MS);
  }

  offerOf(target: EventTarget | null): Offer | undefined {
    const button = target instanceof Element ? target.closest("button") : null;
    return button === null ? undefined : this.#buttons.get(button);
  }

  #of(offer: Offer): HTMLElement | undefined {
    return [...this.#buttons.keys()].find((button) => this.#buttons.get(button) === offer) as HTMLElement | undefined;
  }

  /** Where the keyboard goes first and, with Tab, last. */
  get ends(): readonly [HTMLElement, HTMLElement] {
    const buttons = [...this.#buttons.keys()] as HTMLElement[];
    return [buttons[0] ?? this.element, buttons.at(-1) ?? this.element];
  }

  size(): Size {
    // Not offsetWidth, which is whole pixels: a pill half a pixel narrower than its words breaks the line.
    const { width, height } = this.element.getBoundingClientRect();
    return { width, height };
  }

  put({ x, y }: Point): void {
    this.element.style.transform = `translate(${x}px, ${y}px)`;
  }
}
