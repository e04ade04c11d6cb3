/** The CSS pictures of one element, as a subject: shown when every one of them was judged harmless. */

import { type Reason } from "../../messages";
import { type Desk } from "../desk";
import { type SharedPicture, type Wanting } from "../shared_picture";
import { type Sight } from "../sight";
import { type Size, isTiny } from "../size";
import { type Sizes } from "../sizes";
import { type Entry, type State } from "../subjects";
import { type Wish } from "./wish";

/** A wish with at least one picture, all named. */
export type PictureWish = Wish & { readonly pictures: readonly string[] };

/** What all of them share in a frame. */
export interface Surroundings {
  readonly desk: Desk;
  readonly sight: Sight;
  readonly sizes: Sizes;
  /** The state of an element's pictures has changed. */
  changed(back: Back): void;
}

export class Back implements Entry, Wanting {
  readonly layer = "back";
  readonly element: Element;
  readonly #around: Surroundings;
  #wish: PictureWish;
  #pictures: readonly SharedPicture[] = [];
  #said: "revealed" | "covered" | undefined;
  #box: Size | undefined;
  near = false;
  state: State = "pending";
  reason: Reason | undefined;

  constructor(element: Element, wish: PictureWish, around: Surroundings) {
    this.element = element;
    this.#wish = wish;
    this.#around = around;
    around.desk.registry.add(this);
    around.sight.watch(element, (near) => {
      this.near = near;
      this.#join();
      for (const picture of this.#pictures) picture.hurry();
    });
    this.#begin();
  }

  get addresses(): readonly string[] {
    return this.#pictures.map(({ address, url }) => address ?? (url.startsWith("data:") ? "" : url));
  }

  get shown(): boolean {
    return this.state === "shown" || this.state === "tiny" || this.state === "revealed";
  }

  /** The page wants something else. */
  want(wish: PictureWish): void {
    if (String(wish.pictures) !== String(this.#wish.pictures)) {
      this.#said = undefined;
      this.#wish = wish;
      this.#leavePictures();
      this.#begin();
    }
    this.#wish = wish;
  }

  box(): DOMRect {
    return this.element.getBoundingClientRect();
  }

  reveal(): void {
    if (this.#said === "covered") for (const picture of this.#pictures) picture.overrule(undefined);
    this.#said = "revealed";
    this.learnt();
  }

  hide(): void {
    this.#said = "covered";
    for (const picture of this.#pictures) picture.overrule("cover");
    this.learnt();
    const { addresses } = this;
    for (const entry of this.#around.desk.registry.all()) {
      if (entry.layer === "own" && entry.addresses.some((address) => addresses.includes(address))) entry.again();
    }
  }

  retry(): void {
    this.again();
  }

  again(): void {
    for (const picture of this.#pictures) picture.again();
    this.learnt();
  }

  leave(): void {
    this.#leavePictures();
    this.#around.sight.leave(this.element);
    this.#around.sizes.leave(this.element);
  }

  needs(size: Size): boolean {
    return !this.#isTiny(size);
  }

  learnt(): void {
    const state = this.#stateNow();
    const errors = this.#pictures.flatMap(({ verdict }) => (verdict?.kind === "error" ? [verdict.reason] : []));
    const reason = state === "hidden" ? errors.find((error) => error !== "notLoaded") : undefined;
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.#around.changed(this);
    this.#around.desk.registry.tell(this);
  }

  #begin(): void {
    this.#box = undefined;
    // Told between layout and paint, before a larger box is seen.
    this.#around.sizes.watch(this.element, () => {
      this.#join();
      const size = this.box();
      const before = this.#box === undefined || isTiny(this.#box);
      this.#box = size;
      if (before === isTiny(size) && this.state !== "pending") return;
      for (const picture of this.#pictures) picture.ask();
      this.learnt();
    });
    this.#join();
    this.learnt();
  }

  /** A browser loads no picture for what is not laid out; nor do we, before it is. */
  #join(): void {
    if (this.#pictures.length > 0 || !this.element.checkVisibility({ contentVisibilityAuto: true })) return;
    const { desk } = this.#around;
    this.#pictures = this.#wish.pictures.map((url) => desk.pictures.join(url, desk, this));
    this.learnt();
  }

  #leavePictures(): void {
    for (const picture of this.#pictures) this.#around.desk.pictures.leave(picture, this);
    this.#pictures = [];
  }

  #stateNow(): State {
    if (this.#said !== undefined) return this.#said;
    if (this.#pictures.length === 0) return "pending";
    const open = this.#pictures.filter(({ size, verdict }) => verdict?.kind !== "reveal" && !this.#isTiny(size));
    if (open.length === 0) return this.#pictures.every(({ size }) => this.#isTiny(size)) ? "tiny" : "shown";
    if (open.some(({ verdict }) => verdict?.kind === "cover")) return "covered";
    // What has not loaded cannot be seen by anybody: nothing is kept from the reader.
    const failed = open.filter(({ verdict }) => verdict?.kind === "error" && verdict.reason !== "notLoaded");
    return failed.length > 0 && open.every(({ verdict }) => verdict !== undefined) ? "hidden" : "pending";
  }

  /**
   * As for `<img>`: tiny by its own size and on the page. The boxes of generated content are not known, and a picture
   * that fills them may be enlarged: theirs are always judged.
   */
  #isTiny(size: Size | undefined): boolean {
    const alone = this.#wish.parts.every(({ place }) => place === "own");
    return size !== undefined && this.#box !== undefined && alone && isTiny(size) && isTiny(this.#box);
  }
}
