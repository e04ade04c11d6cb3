/** The reader's controls in one frame: at which picture the pill is, and when. */

import { type Command, type Policy } from "../../messages";
import { type Subject, type Subjects } from "../subjects";
import { Decisions } from "./decisions";
import { focused, hasKeyboard } from "./focus";
import { hearFirst } from "./listen";
import { nameOf } from "./name";
import { type Offer } from "./offers";
import { SHIELDED } from "./overlay";
import { Pill } from "./pill";
import { type Point } from "./place";
import { Rest } from "./rest";
import { Tour } from "./tour";
import { labelOf } from "./words";

/** How long the pill stays after the reader has hidden a picture, wherever the pointer is. */
const LINGER_MS = 8_000;

/** How long it stays at a picture that the reader looks at. */
const BRIEF_MS = 4_000;

/** Elements that the keyboard stops at for the sake of what is in them. */
const ACTING = "a, button, summary, label, [role=button], [role=link], [role=menuitem], [role=option], [role=tab]";

type Timer = ReturnType<typeof setTimeout>;

export class Controls {
  readonly #subjects: Subjects;
  readonly #decisions: Decisions;
  readonly #rest = new Rest((point) => this.#rested(point));
  readonly #tour = new Tour<Subject>();
  #made: Pill | undefined;
  #rightClicked: Subject | undefined;
  /** What the keyboard has stopped at, if a picture is there. */
  #reached: Element | undefined;
  /** Its pill was sent away, and stays so until the pointer has been elsewhere. */
  #dismissed: Subject | undefined;
  #lingering: Timer | undefined;
  #brief: Timer | undefined;

  constructor(subjects: Subjects, policy: Policy) {
    this.#subjects = subjects;
    this.#decisions = new Decisions(subjects, policy);
    subjects.onChange((subject) => this.#changed(subject));
    hearFirst([...SHIELDED, "pointerout"], this);
  }

  set policy(policy: Policy) {
    this.#decisions.policy = policy;
    if (policy.on) this.#made?.refresh();
    else this.#drop();
  }

  /** From the context menu, or `next` from the keyboard. */
  command(name: Command["name"]): void {
    if (!this.#decisions.policy.on) return;
    if (name === "next") return this.#next();
    const subject = this.#rightClicked;
    this.#rightClicked = undefined;
    if (subject === undefined) return;
    if (name === "hide") this.#hide(subject);
    else this.#reveal(subject);
  }

  /** Hears what happens in this frame before the page does; what a page makes happen by script is not heard. */
  handleEvent(event: Event): void {
    if (!event.isTrusted || !this.#decisions.policy.on) return;
    if (event instanceof PointerEvent) this.#follow(event);
    if (this.#made?.hearFirst(event) === true) return;
    switch (event.type) {
      case "pointerdown":
        this.#rightClicked = undefined;
        this.#tour.leave();
        break;
      case "contextmenu":
        this.#rightClicked = this.#subjects.at((event as MouseEvent).clientX, (event as MouseEvent).clientY);
        break;
      case "keydown":
        this.#hearKey(event as KeyboardEvent);
        break;
      case "focusin":
        if (this.#made?.isLeaving !== true) this.#focusMoved();
    }
  }

  #follow({ type, clientX: x, clientY: y, buttons, pointerType, relatedTarget }: PointerEvent): void {
    // A finger rests where it was lifted.
    const stops = pointerType === "touch" ? "pointerup" : "pointermove";
    // Whoever drags something or marks text wants no pill.
    if (type === stops && buttons === 0) this.#rest.move({ x, y });
    if (type === "pointerout" && pointerType !== "touch" && relatedTarget === null) this.#rest.move(undefined);
  }

  #rested(point: Point | undefined): void {
    const pill = this.#made;
    if (!this.#decisions.policy.on || pill?.hasFocus === true) return;
    if (point !== undefined && pill?.contains(point) === true) return;
    const subject = point && this.#subjects.at(point.x, point.y);
    if (subject !== this.#dismissed) this.#dismissed = undefined;
    if (subject !== undefined && subject !== this.#dismissed && this.#hasPill(subject)) return this.#show(subject);
    const stays = this.#lingering !== undefined || this.#reached !== undefined;
    if (!stays && !(point !== undefined && pill?.isNear(point) === true)) this.#drop();
  }

  #hasPill(subject: Subject): boolean {
    const { element } = subject;
    // What the whole page stands on is under the pointer all day long.
    const isGround = element === document.body || element === document.documentElement;
    return !isGround && this.#decisions.view(subject) !== undefined;
  }

  #hearKey(event: KeyboardEvent): void {
    this.#rightClicked = undefined;
    const subject = this.#made?.subject;
    if (subject === undefined) return;
    if (event.key === "Escape") this.#dismiss(subject);
    const isTab = event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!isTab || this.#reached === undefined || this.#reached !== focused()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#pill.focus();
  }

  #focusMoved(): void {
    const element = focused();
    const reached = element?.matches(":focus-visible") === true ? this.#at(element) : undefined;
    const left = this.#reached !== undefined;
    this.#reached = reached && element;
    if (reached !== undefined) this.#show(reached);
    else if (left) this.#rested(this.#rest.point);
  }

  /** The picture for whose sake the keyboard stops at an element. */
  #at(element: Element): Subject | undefined {
    const own = this.#subjects.of(element);
    if (own !== undefined && this.#hasPill(own)) return own;
    return element.matches(ACTING) ? this.#stops().find((stop) => element.contains(stop.element)) : undefined;
  }

  /** Covered and hidden pictures that are laid out at all. */
  #stops(): Subject[] {
    return this.#subjects.notShown().filter((subject) => subject.box().width > 0);
  }

  #next(): void {
    if (!hasKeyboard()) return;
    const subject = this.#tour.next(this.#stops());
    if (subject === undefined) return this.#pill.notice({ kind: "none" });
    this.#tour.visit(subject, this.#stops());
    subject.element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    this.#show(subject);
    this.#pill.focus();
  }

  #reveal(subject: Subject): void {
    this.#decisions.reveal(subject);
    if (this.#decisions.view(subject) !== undefined) this.#show(subject);
  }

  #hide(subject: Subject): void {
    this.#decisions.hide(subject);
    this.#pill.show(subject);
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => {
      this.#lingering = undefined;
      this.#rest.look();
    }, LINGER_MS);
  }

  #show(subject: Subject): void {
    if (this.#made?.subject !== subject) this.#decisions.turnedAway();
    this.#pill.show(subject);
    if (subject.state === "revealed") this.#showBriefly(subject);
  }

  /** Whoever has revealed a picture wants to see all of it. */
  #showBriefly(subject: Subject): void {
    clearTimeout(this.#brief);
    this.#brief = setTimeout(() => {
      const { point } = this.#rest;
      const inUse = this.#made?.hasFocus === true || (point !== undefined && this.#made?.contains(point) === true);
      if (this.#made?.subject === subject && subject.state === "revealed" && !inUse) this.#dismiss(subject);
    }, BRIEF_MS);
  }

  #dismiss(subject: Subject): void {
    this.#dismissed = subject;
    this.#drop();
  }

  #drop(): void {
    this.#decisions.turnedAway();
    this.#made?.drop();
  }

  #changed(subject: Subject): void {
    if (this.#made?.subject === subject) this.#made.refresh();
    else if (this.#rest.point !== undefined) this.#rest.look();
  }

  get #pill(): Pill {
    return (this.#made ??= new Pill({
      view: (subject) => this.#decisions.view(subject),
      label: (subject) => this.#label(subject),
      pointer: () => this.#rest.point,
      chosen: (offer, subject) => this.#chosen(offer, subject),
      dismissed: (subject) => this.#dismiss(subject),
    }));
  }

  #label(subject: Subject): string {
    const stops = this.#stops();
    const index = stops.indexOf(subject);
    return labelOf(nameOf(subject.element), index < 0 ? undefined : { number: index + 1, of: stops.length });
  }

  #chosen(offer: Offer, subject: Subject): void {
    this.#decisions.choose(offer, subject);
    if (offer === "undo") this.#dismiss(subject);
    else this.#made?.refresh();
    if (this.#made?.subject === subject && subject.state === "revealed") this.#showBriefly(subject);
  }
}
