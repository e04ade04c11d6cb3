/** The pill at one picture: follows it, hears what the reader presses, and passes it on when it was meant. */

import { type Subject } from "../subjects";
import { Anchor } from "./anchor";
import { HOLD_MS, SETTLE_MS } from "../../deliberate";
import { Face } from "./face";
import { focusOn, focused } from "./focus";
import { Intent } from "./intent";
import { type Offer, type Saying, type View } from "./offers";
import { Overlay } from "./overlay";
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
  #subject: Subject | undefined;
  #view: View | undefined;
  #changedAt = -Infinity;
  readonly #anchor = new Anchor();
  readonly #intent = new Intent({
    changed: (held, armed) => {
      this.#face.hold(held);
      this.#face.arm(armed);
    },
    meant: () => this.#around.chosen("show", this.#subject!),
  });
  #noticed: ReturnType<typeof setTimeout> | undefined;
  /** The button that the pointer was pressed on. */
  #pressed: Offer | undefined;
  #pressedAt: Point | undefined;
  #fullscreen: Element | null = null;
  #frame = 0;
  /** Where the keyboard was before it came here. */
  #origin: Element | undefined;
  /** The keyboard is being led out: nothing new has been reached. */
  isLeaving = false;

  constructor(around: Around) {
    this.#around = around;
    this.#overlay = new Overlay(this.#face.element, (event) => this.#hear(event, event.target));
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
    this.#intent.forget();
    this.#changedAt = performance.now();
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
    this.#intent.forget();
    this.#anchor.forget();
    this.#subject = this.#view = this.#pressed = undefined;
    this.#changedAt = -Infinity;
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
    if (this.#pressed !== undefined && !this.#isOn(this.#pressed)) this.#release();
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
    switch (event.type) {
      case "pointerdown":
        this.#press(event as PointerEvent, offer);
        break;
      case "pointermove":
        this.#pressedAt = pointOf(event as PointerEvent);
        if (offer !== this.#pressed) this.#release();
        break;
      case "pointerup":
        if (offer !== undefined && offer === this.#pressed) this.#choose(offer);
        this.#release();
        break;
      case "pointercancel":
        this.#release();
        break;
      case "click":
        if ((event as MouseEvent).detail === 0 && offer !== undefined) this.#choose(offer);
        break;
      case "mousedown": // The keyboard stays where it is.
      case "dragstart":
        event.preventDefault();
        break;
      case "contextmenu": // A long press is none here.
        if (this.#pressed !== undefined) event.preventDefault();
        break;
      case "keydown":
        this.#hearKey(event as KeyboardEvent, offer);
    }
  }

  #hearKey(event: KeyboardEvent, offer: Offer | undefined): void {
    const [first, last] = this.#face.ends;
    const { key, shiftKey } = event;
    if (key === "Escape") {
      event.preventDefault();
      this.#around.dismissed(this.#subject!);
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      if (!event.repeat && offer !== undefined) this.#choose(offer);
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

  #press(event: PointerEvent, offer: Offer | undefined): void {
    if (event.button !== 0 || !event.isPrimary || offer === undefined) return;
    this.#pressed = offer;
    this.#pressedAt = pointOf(event);
    // So that it is heard when the pointer leaves.
    this.#overlay.at(event.clientX, event.clientY)?.setPointerCapture(event.pointerId);
    if (offer === "show") this.#intent.act("down");
  }

  /** The pointer was lifted, or has left the button. */
  #release(): void {
    if (this.#intent.isHeld) this.#intent.act("leave");
    this.#pressed = undefined;
  }

  /** The pill itself may have moved away from under the pointer. */
  #isOn(offer: Offer): boolean {
    const { x, y } = this.#pressedAt!;
    return this.#face.offerOf(this.#overlay.at(x, y)) === offer;
  }

  #choose(offer: Offer): void {
    if (offer === "show") this.#intent.act("press");
    // A press right after the buttons have changed was meant for what was there before.
    else if (performance.now() - this.#changedAt >= SETTLE_MS) this.#around.chosen(offer, this.#subject!);
  }
}

const pointOf = ({ clientX: x, clientY: y }: MouseEvent): Point => ({ x, y });

/** What can be seen of the frame, without its scroll bars and, zoomed by two fingers, only the part that is. */
function viewportBox(): Box {
  const { offsetLeft: x, offsetTop: y, width, height } = window.visualViewport!;
  return { x, y, width, height };
}
