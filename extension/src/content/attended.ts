/** A subject that is an element: what it is seen as, and what the reader has said of it. The kinds say the rest. */

import { type Reason, type Verdict } from "../messages";
import { takeOff, wear } from "./cover";
import { type Desk, type Styled } from "./desk";
import { type Size, blurRadius } from "./size";
import { type Entry, type State } from "./subjects";

/** The reader's word on the pictures of certain addresses. */
interface Wish {
  readonly pictures: string;
  readonly state: "revealed" | "covered";
}

/** Not laid out yet: a blur gets the largest radius. */
const UNKNOWN: Size = { width: 0, height: 0 };

export abstract class Attended implements Entry {
  readonly layer = "own";
  readonly element: Styled;
  protected readonly desk: Desk;
  addresses: readonly string[] = [];
  /** Of the first address. */
  protected validator = "";
  state: State = "pending";
  reason: Reason | undefined;
  #wish: Wish | undefined;
  #size = UNKNOWN;

  constructor(element: Styled, desk: Desk) {
    this.element = element;
    this.desk = desk;
  }

  /** What the element shows may have changed in any way: nothing that was known of it counts. Before anything is painted. */
  abstract changed(): void;
  /** The element has finished loading, or has failed to. */
  abstract settled(): void;
  /** The browser may have chosen another of the files that the element offers. */
  rechosen(): void {}
  /** Ends questions and observers. */
  protected abstract stop(): void;

  box(): DOMRect {
    return this.element.getBoundingClientRect();
  }

  reveal(): void {
    if (this.#isWished("covered")) return this.#takeBack();
    this.#wish = { pictures: this.#pictures(), state: "revealed" };
    this.become("revealed");
  }

  /** One that only the reader has hidden is again what it was before. */
  #takeBack(): void {
    const [address] = this.addresses;
    this.#wish = undefined;
    if (address !== undefined) {
      this.desk.line.overrule(address, this.validator, undefined);
      this.desk.known.forget(address);
    }
    for (const entry of [this, ...this.#others(address)]) entry.again();
  }

  hide(): void {
    // A picture that was covered or hidden before: the reader only takes the word back.
    if (this.#isWished("revealed")) {
      this.#wish = undefined;
      return this.again();
    }
    const [address] = this.addresses;
    this.#wish = { pictures: this.#pictures(), state: "covered" };
    if (address !== undefined) {
      this.desk.line.overrule(address, this.validator, "cover");
      this.desk.known.set(address, { kind: "cover" });
    }
    this.become("covered");
    for (const entry of this.#others(address)) entry.again();
  }

  /** What else shows the same picture. */
  #others(address: string | undefined): Entry[] {
    return this.desk.registry.all().filter((entry) => entry !== this && entry.addresses.includes(address ?? ""));
  }

  retry(): void {
    this.again();
  }

  again(): void {
    this.changed();
  }

  leave(): void {
    this.stop();
  }

  /** The element has stopped being a subject: it is as the page made it. */
  release(): void {
    this.stop();
    takeOff(this.element);
    this.desk.registry.remove(this);
  }

  /** Nothing has been decided; hidden. */
  protected reset(): void {
    this.stop();
    this.addresses = [];
    this.become("pending");
  }

  /** It holds no picture: there is nothing to hide. */
  protected holdsNothing(): void {
    this.reset();
    wear(this.element, { state: "none" });
  }

  /** The reader's word counts more than the verdict. */
  protected conclude(verdict: Verdict): void {
    if (this.#isWished("revealed")) this.become("revealed");
    else if (this.#isWished("covered") || verdict.kind === "cover") this.become("covered");
    else if (verdict.kind === "reveal") this.become("shown");
    else this.become("hidden", verdict.reason);
  }

  /** How a covered element is covered; the blur's strength follows from the size. */
  protected coverFor(size: Size): string {
    const { cover } = this.desk.policy;
    return cover === "blur" ? `blur-${blurRadius(size)}` : cover;
  }

  protected become(state: State, reason?: Reason): void {
    const changed = this.state !== state || this.reason !== reason;
    this.state = state;
    this.reason = reason;
    if (changed && state === "covered") this.#fitCover();
    this.#wear();
    if (changed) this.desk.registry.tell(this);
  }

  /** Keeps the blur as strong as the present size asks for. */
  #fitCover(): void {
    this.#size = UNKNOWN;
    this.desk.sizes.watch(this.element, (size) => {
      this.#size = size;
      this.#wear();
    });
  }

  #wear(): void {
    const { state, reason } = this;
    wear(this.element, { state, reason, cover: state === "covered" ? this.coverFor(this.#size) : undefined });
  }

  #isWished(state: Wish["state"]): boolean {
    return this.#wish?.state === state && this.#wish.pictures === this.#pictures();
  }

  #pictures(): string {
    return this.addresses.join(" ");
  }
}
