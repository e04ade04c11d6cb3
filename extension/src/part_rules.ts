/**
 * Parts of elements whose pictures no universal rule can ban: it would make styling a page several times as dear, and
 * give every scroll bar another look.
 */

const PARTS = /::?first-l(etter|ine)|::-webkit-(scrollbar|resizer)(?![\w-])/i;

/** Everything that may stand for a picture; a gradient does not. */
const MAY_BE_PICTURE = /url\(|image|cross-fade|element\(|paint\(|var\(|attr\(|inherit|revert/i;

/** Whether a selector, or any other text of CSS, names such a part. */
export const namesPart = (css: string): boolean => PARTS.test(unescaped(css));

/** Whether a text of CSS may bring sheets of other addresses. */
export const importsSheets = (css: string): boolean => /@import/i.test(unescaped(css));

/** Whether a value can be more than a colour or a gradient. */
export const mayBePicture = (value: string): boolean => MAY_BE_PICTURE.test(value);

function unescaped(css: string): string {
  if (!css.includes("\\")) return css;
  return css.replace(/\\(?:([\da-f]{1,6})\s?|([^]))/gi, (_, code?: string, character?: string) =>
    code === undefined ? character! : String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff)),
  );
}
