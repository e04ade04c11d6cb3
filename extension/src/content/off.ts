/** The mark that lifts every rule of our style sheets where the reader has switched Flinch off; no page may set it. */

const OFF = "data-flinch-off";

let off = false;

/** Marks the document, or unmarks it. */
export function setOff(value: boolean): void {
  off = value;
  enforce();
}

/** Undoes what the page does to the mark, on this and any later root element. */
export function guardOff(): void {
  const observer = new MutationObserver(() => {
    guard();
    enforce();
  });
  const guard = () => {
    observer.observe(document, { childList: true });
    if (document.documentElement !== null) observer.observe(document.documentElement, { attributeFilter: [OFF] });
  };
  guard();
  enforce();
}

function enforce(): void {
  if (document.documentElement?.hasAttribute(OFF) !== off) document.documentElement?.toggleAttribute(OFF, off);
}
