/** The pill at one picture: says what there is to say of it, follows it, and lets the keyboard in and out. */

import { type Subject } from "../subjects";
import { Anchor } from "./anchor";
import { HOLD_MS } from "../../deliberate";
import { Face } from "./face";
import { focusOn, focused } from "./focus";
import { type Offer, type Saying, type View } from "./offers";
import { Overlay } from "./overlay";
import { Presses } from "./presses";
import { type Box, type Point, around, at, contains, seen, spotsFor } from "./place";
import { said } from "./words";

/** How far the pointer may stray on its way from the picture to the pill. */
const STRAY = 24;
const NOTICE_MS = 3_000;

/** What the pill asks of those who know more. */
export interface Around {
  /** What there is to say of a subject now, if anything. */
  view(subject: Subject): View | undefined;
  label(subject: Subject): string;
  /** Where the pointer is; undefined when there is none over this frame. */
  pointer(): Point | undefined;
  /** The reader has meant it. */
  chosen(offer: Offer, subject: Subject): void;
  /** The reader has had enough of the pill: `drop` it. */
  dismissed(subject: Subject): void;
}

export class Pill {
  readonly #around: Around;
  readonly #face = new Face(HOLD_MS);
  readonly #overlay: Overlay;
  readonly #presses: Presses;
  #subject: Subject | undefined;
  #view: View | undefined;
  readonly #anchor = new Anchor();
  #noticed: ReturnType<typeof setTimeout> | undefined;
  #fullscreen: Element | null = null;
  #frame = 0;
  /** Where the keyboard was before it came here. */
  #origin: Element | undefined;
  /** The keyboard is being led out: nothing new has been reached. */
  isLeaving = false;

  constructor(around: Around) {
    this.#around = around;
    this.#overlay = new Overlay(this.#face.element, (event) => this.#hear(event, event.target));
    this.#presses = new Presses(this.#face, this.#overlay, (offer) => this.#around.chosen(offer, this.#subject!));
  }

  get subject(): Subject | undefined {
    return this.#subject;
  }

  get hasFocus(): boolean {
    return this.#subject !== undefined && this.#overlay.focused !== null;
  }

  show(subject: Subject): void {
    if (this.#subject !== subject) {
      this.#forget();
      this.#subject = subject;
    }
    this.refresh();
  }

  /** Something about the subject has changed, or about what can be said of it. */
  refresh(): void {
    if (this.#subject === undefined) return;
    const view = this.#around.view(this.#subject);
    if (view === undefined) return this.drop();
    if (this.#view !== undefined && JSON.stringify(view) !== JSON.stringify(this.#view)) this.#change(view);
    else this.#face.show(view, this.#around.label(this.#subject));
    this.#view = view;
    cancelAnimationFrame(this.#frame);
    this.#follow();
  }

  #change(view: View): void {
    const hadFocus = this.hasFocus;
    this.#presses.changed();
    this.#face.show(view, this.#around.label(this.#subject!));
    this.#face.speak(said(view.says));
    if (hadFocus && this.#overlay.focused === null) this.#face.ends[0].focus({ preventScroll: true });
  }

  /** Brings the keyboard into the pill. */
  focus(): void {
    if (!this.hasFocus) this.#origin = focused();
    this.#face.ends[0].focus({ preventScroll: true });
  }

  /** Says something that is about no picture. */
  notice(saying: Saying): void {
    this.#forget();
    this.#face.show({ says: saying, offers: [] }, said(saying));
    this.#overlay.raise(undefined);
    const viewport = viewportBox();
    this.#face.put(at("top", viewport, this.#face.size(), viewport));
    this.#face.speak(said(saying));
    this.#noticed = setTimeout(() => this.drop(), NOTICE_MS);
  }

  /** Takes the pill away; the keyboard goes back to where it was. */
  drop(): void {
    const hadFocus = this.hasFocus;
    this.#forget();
    this.#overlay.lower();
    if (hadFocus) this.#lead(this.#origin);
    this.#origin = undefined;
  }

  #forget(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#noticed);
    this.#presses.forget();
    this.#anchor.forget();
    this.#subject = this.#view = undefined;
  }

  #lead(to: Element | undefined): void {
    this.isLeaving = true;
    focusOn(to);
    this.isLeaving = false;
  }

  contains(point: Point): boolean {
    return this.#anchor.box !== undefined && contains(this.#anchor.box, point);
  }

  /** Whether a point is on the pill, on its picture, or on the way from one to the other. */
  isNear(point: Point): boolean {
    const picture = this.#subject?.box();
    const pill = this.#anchor.box;
    return picture !== undefined && pill !== undefined && contains(around(picture, pill), point, STRAY);
  }

  /** Before every frame, as nothing tells when a box moves: it reads one box. */
  readonly #follow = (): void => {
    const subject = this.#subject;
    if (subject === undefined) return;
    const viewport = viewportBox();
    const whole = subject.box();
    const picture = seen(whole, viewport);
    if (!subject.element.isConnected || (picture === undefined && !this.hasFocus)) return this.drop();
    if (this.#isOverlaid()) return this.refresh();
    this.#stayOnTop(subject.element);
    this.#settle(picture ?? whole, viewport);
    this.#presses.moved();
    this.#frame = requestAnimationFrame(this.#follow);
  };

  /** The top layer is a stack: whatever is in full screen now lies over what was there before. Takes the pill down. */
  #isOverlaid(): boolean {
    const { fullscreenElement } = document;
    if (fullscreenElement === this.#fullscreen) return false;
    this.#fullscreen = fullscreenElement;
    this.#overlay.lower();
    return true;
  }

  #stayOnTop(near: Element): void {
    const { focused } = this.#overlay;
    this.#overlay.raise(near);
    if (focused !== null && this.#overlay.focused === null) focusOn(focused);
  }

  #settle(picture: Box, viewport: Box): void {
    const [pill, pointer] = [this.#face.size(), this.#around.pointer()];
    const spots = spotsFor(this.#subject!.element.localName);
    this.#face.put(this.#anchor.settle({ picture, pill, viewport, pointer, spots }));
  }

  /** Hears an event at the window, before the page; false: it is the page's. */
  hearFirst(event: Event): boolean {
    if (!this.#overlay.owns(event)) return false;
    // A click of a screen reader has no place: its button is only known inside.
    if (event.type === "click" && (event as MouseEvent).detail === 0) return true;
    event.stopImmediatePropagation();
    this.#hear(event, this.#inside(event));
    return true;
  }

  #inside(event: Event): Element | null {
    return event instanceof MouseEvent ? this.#overlay.at(event.clientX, event.clientY) : this.#overlay.focused;
  }

  #hear(event: Event, target: EventTarget | null): void {
    event.stopPropagation();
    if (!event.isTrusted || this.#subject === undefined) return;
    const offer = this.#face.offerOf(target);
    if (event.type === "keydown") this.#hearKey(event as KeyboardEvent, offer);
    else this.#presses.hear(event, offer);
  }

  #hearKey(event: KeyboardEvent, offer: Offer | undefined): void {
    const [first, last] = this.#face.ends;
    const { key, shiftKey } = event;
    if (key === "Escape") {
      event.preventDefault();
      this.#around.dismissed(this.#subject!);
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      if (!event.repeat && offer !== undefined) this.#presses.choose(offer);
    } else if (key === "Tab" && this.#origin !== undefined) {
      if (shiftKey && this.#overlay.focused === first) {
        event.preventDefault();
        this.#lead(this.#origin);
      } else if (!shiftKey && this.#overlay.focused === last) {
        // As if the pill came right after its picture: the browser goes on from there.
        this.#lead(this.#origin);
        this.drop();
      }
    }
  }
}

/** What can be seen of the frame, without its scroll bars and, zoomed by two fingers, only the part that is. */
function viewportBox(): Box {
  const { offsetLeft: x, offsetTop: y, width, height } = window.visualViewport!;
  return { x, y, width, height };
}
