/** `<canvas>`, where the reader has asked for it: read once a second while it is in sight. */

import { type Verdict } from "../../messages";
import { type Rgba } from "../../preprocess";
import { type Desk } from "../desk";
import { readFrame } from "../frame";
import { Moving } from "../moving";
import { type Kind } from "./kind";

export const canvas: Kind = {
  selector: "canvas",
  attributes: [],
  attend: (element, desk) => new Drawn(element as HTMLCanvasElement, desk),
};

const EVERY_MS = 1_000;

class Drawn extends Moving {
  readonly #canvas: HTMLCanvasElement;
  #near = false;
  #timer = 0;

  constructor(element: HTMLCanvasElement, desk: Desk) {
    super(element, desk);
    this.#canvas = element;
  }

  changed(): void {
    if (!this.desk.policy.canvases) return this.holdsNothing();
    this.reset();
    if (!this.desk.policy.on) return;
    this.desk.sight.watch(this.#canvas, (near) => {
      if (near && !this.#near) this.#look();
      this.#near = near;
    });
  }

  settled(): void {}

  protected override stop(): void {
    super.stop();
    clearTimeout(this.#timer);
    this.desk.sight.leave(this.#canvas);
    this.#near = false;
  }

  protected read(): Rgba {
    return readFrame(this.#canvas, this.#canvas.width, this.#canvas.height);
  }

  protected judged(verdict: Verdict): void {
    const sampled = this.sampled ?? verdict;
    if (this.state !== "revealed") this.conclude(sampled);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#near && this.#look(), EVERY_MS);
    if (this.state === "revealed" || this.#canvas.width * this.#canvas.height === 0) return;
    // After the page's own animation callbacks and before paint: later a WebGL canvas reads as empty.
    requestAnimationFrame(() => {
      const late = new ResizeObserver(() => {
        late.disconnect();
        if (this.#near && !this.isAsking) this.sample();
      });
      late.observe(this.#canvas);
    });
  }
}
