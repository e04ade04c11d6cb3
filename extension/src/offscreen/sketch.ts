/**
 * Which keys a store surely has not: most pictures of a page were never seen before, and asking the disk about each
 * costs more than a millisecond. 128 kB; with 50,000 keys one in twenty of the others is taken for known.
 */

const BITS = 20;

export class Sketch {
  readonly #seen = new Uint8Array(1 << (BITS - 3));

  add(key: string): void {
    const place = placeOf(key);
    this.#seen[place >> 3]! |= 1 << (place & 7);
  }

  mayHave(key: string): boolean {
    const place = placeOf(key);
    return (this.#seen[place >> 3]! & (1 << (place & 7))) !== 0;
  }
}

/** The first bits of a digest in base64. */
function placeOf(key: string): number {
  const [one, two, three] = Array.from(atob(key.slice(0, 4)), (char) => char.charCodeAt(0)) as [number, number, number];
  return ((one << 16) | (two << 8) | three) >> (24 - BITS);
}
