/** Which `<object>`s and `<embed>`s are pictures. */

/** File names by which Chrome takes an `<object>` without a type for a picture; SVG becomes a document. */
const PICTURE_NAME = /\.(apng|avif|bmp|dib|gif|ico|jfif|jpe|jpe?g|pjp|pjpeg|png|tiff?|webp|xbm)$/i;

/** The browser's own rule (the type, else the name), so that what is no picture here is none there. */
export function isPicture(type: string, url: string): boolean {
  if (type !== "") return isPictureType(type);
  const data = /^data:([^;,]*)/i.exec(url);
  if (data !== null) return isPictureType(data[1]!);
  return PICTURE_NAME.test(url.split(/[?#]/, 1)[0]!);
}

const isPictureType = (type: string): boolean => /^image\/(?!svg)/i.test(type.trim());
