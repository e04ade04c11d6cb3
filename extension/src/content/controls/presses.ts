/** What the reader does to the pill's buttons, by pointer, finger and screen reader: passed on when it was meant. */

import { SETTLE_MS } from "../../deliberate";
import { type Face } from "./face";
import { Intent } from "./intent";
import { type Offer } from "./offers";
import { type Overlay } from "./overlay";
import { type Point } from "./place";

export class Presses {
  readonly #face: Face;
  readonly #overlay: Overlay;
  readonly #chosen: (offer: Offer) => void;
  readonly #intent = new Intent({
    changed: (held, armed) => {
      this.#face.hold(held);
      this.#face.arm(armed);
    },
    meant: () => this.#chosen("show"),
  });
  /** The button that the pointer was pressed on. */
  #pressed: Offer | undefined;
  #pressedAt: Point | undefined;
  #changedAt = -Infinity;

  constructor(face: Face, overlay: Overlay, chosen: (offer: Offer) => void) {
    this.#face = face;
    this.#overlay = overlay;
    this.#chosen = chosen;
  }

  /** The buttons are others now: what was begun was meant for those before. */
  changed(): void {
    this.#intent.forget();
    this.#changedAt = performance.now();
  }

  /** The pill is at another picture, or at none. */
  forget(): void {
    this.#intent.forget();
    this.#pressed = undefined;
    this.#changedAt = -Infinity;
  }

  /** An event at a button, or at what is around them. */
  hear(event: Event, offer: Offer | undefined): void {
    switch (event.type) {
      case "pointerdown":
        this.#press(event as PointerEvent, offer);
        break;
      case "pointermove":
        this.#pressedAt = pointOf(event as PointerEvent);
        if (offer !== this.#pressed) this.#release();
        break;
      case "pointerup":
        if (offer !== undefined && offer === this.#pressed) this.choose(offer);
        this.#release();
        break;
      case "pointercancel":
        this.#release();
        break;
      case "click":
        if ((event as MouseEvent).detail === 0 && offer !== undefined) this.choose(offer);
        break;
      case "mousedown": // The keyboard stays where it is.
      case "dragstart":
        event.preventDefault();
        break;
      case "contextmenu": // A long press is none here.
        if (this.#pressed !== undefined) event.preventDefault();
    }
  }

  choose(offer: Offer): void {
    if (offer === "show") this.#intent.act("press");
    // A press right after the buttons have changed was meant for what was there before.
    else if (performance.now() - this.#changedAt >= SETTLE_MS) this.#chosen(offer);
  }

  /** The pill may have moved away from under the pointer. */
  moved(): void {
    if (this.#pressed === undefined) return;
    const { x, y } = this.#pressedAt!;
    if (this.#face.offerOf(this.#overlay.at(x, y)) !== this.#pressed) this.#release();
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
}

const pointOf = ({ clientX: x, clientY: y }: MouseEvent): Point => ({ x, y });
