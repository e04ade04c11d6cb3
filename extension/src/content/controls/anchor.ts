/** Keeps the pill at its picture, and off the pointer. */

import { type Box, type Point, type Size, type Spot, at, contains, spotFor } from "./place";

export interface Scene {
  /** What can be seen of the picture. */
  readonly picture: Box;
  readonly pill: Size;
  readonly viewport: Box;
  readonly pointer: Point | undefined;
  /** Where the pill may go, best first. */
  readonly spots: readonly Spot[];
}

export class Anchor {
  #spot: Spot | undefined;
  #box: Box | undefined;
  #pointer: Point | undefined;
  /** Where the pointer was when the reader had brought it into the pill. */
  #entered: Point | undefined;

  /** Where the pill is; undefined before it was put anywhere. */
  get box(): Box | undefined {
    return this.#box;
  }

  forget(): void {
    this.#spot = this.#box = undefined;
  }

  /** The pill's box now: at the same spot as before, as long as that is no trap. */
  settle(scene: Scene): Box {
    const { picture, pill, viewport, pointer, spots } = scene;
    const place = (spot: Spot): Box => ({
      ...at(spot, picture, pill, viewport, pointer),
      width: pill.width,
      height: pill.height,
    });
    this.#spot ??= spotFor(spots, picture, pill, viewport, pointer);
    let box = place(this.#spot);
    if (this.#comesToPointer(box, pointer)) {
      this.#spot = spotFor(spots, picture, pill, viewport, pointer);
      box = place(this.#spot);
    }
    this.#pointer = pointer;
    if (pointer !== undefined && contains(box, pointer)) this.#entered = pointer;
    return (this.#box = box);
  }

  /** The reader may go to the pill; it does not come to the reader, where a click may be about to fall. */
  #comesToPointer(box: Box, pointer: Point | undefined): boolean {
    if (pointer === undefined || this.#box === undefined || pointer !== this.#pointer) return false;
    // A pill that has shrunk and grown again, as its words have changed.
    if (pointer === this.#entered) return false;
    return contains(box, pointer) && !contains(this.#box, pointer);
  }
}
