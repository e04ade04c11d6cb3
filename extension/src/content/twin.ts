/**
 * An `<img>` of ours with the address of a picture that the page shows in another way. The browser answers it from what
 * the document has loaded or is loading, and it tells what only an `<img>` tells: when it is there, how large it is, and
 * its pixels.
 */

export class Twin {
  readonly #onSettled: () => void;
  #url = "";
  /** Complete, with an empty `currentSrc`, while there is nothing to follow. */
  image = new Image();

  constructor(onSettled: () => void) {
    this.#onSettled = onSettled;
  }

  /** An empty address: nothing. */
  follow(url: string, crossOrigin: string | null = null): HTMLImageElement {
    if (url === this.#url && crossOrigin === this.image.crossOrigin) return this.image;
    this.#url = url;
    const image = new Image();
    image.crossOrigin = crossOrigin;
    image.onload = image.onerror = () => {
      if (image === this.image) this.#onSettled();
    };
    if (url !== "") image.src = url;
    this.image = image;
    return image;
  }
}
