/** What a computed CSS value says about pictures. */

const STRING = String.raw`"(?:[^"\\]|\\[^])*"`;
const ADDRESS = new RegExp(String.raw`url\((${STRING})\)`, "g");
const STRINGS = new RegExp(STRING, "g");
const FUNCTION = /([\w-]+)\(/g;

/** Functions that paint nothing that has not been named: gradients, choices between pictures, colours, sums, texts. */
const HARMLESS =
  /gradient$|^(-webkit-)?(image-set|cross-fade)$|^(rgba?|hsla?|hwb|(ok)?(lab|lch)|color(-mix)?|light-dark|calc|min|max|clamp|from|to|color-stop|type|attr|counters?)$/;

/** The addresses that the value names; undefined when it may show what nobody can name, such as `element(#id)`. */
export function picturesIn(value: string): readonly string[] | undefined {
  if (!value.includes("(")) return [];
  const addresses = Array.from(value.matchAll(ADDRESS), ([, text]) => unquoted(text!));
  const rest = value.replace(ADDRESS, " ").replace(STRINGS, " ");
  for (const [, name] of rest.matchAll(FUNCTION)) if (!HARMLESS.test(name!)) return undefined;
  return addresses;
}

/** Computed values escape the quotation mark, the backslash and, in hexadecimal, control characters. */
const unquoted = (text: string): string =>
  text.slice(1, -1).replace(/\\(?:([\da-f]{1,6})\s?|([^]))/gi, (_, code?: string, character?: string) =>
    code === undefined ? character! : String.fromCodePoint(parseInt(code, 16)),
  );

/**
 * The value with every `image-set()` reduced to the option that the browser takes at this density: the others are not
 * asked for, not judged and not shown.
 */
export function narrowed(value: string, density: number): string {
  const start = value.indexOf("image-set(");
  if (start === -1) return value;
  const open = start + "image-set(".length;
  const { parts, end } = split(value, open);
  const option = bestOf(parts, density);
  return value.slice(0, open) + option + value.slice(end, end + 1) + narrowed(value.slice(end + 1), density);
}

/** The arguments of the function whose brackets open right before `from`, and where they close. */
function split(value: string, from: number): { parts: readonly string[]; end: number } {
  const parts: string[] = [];
  let [depth, quoted, start, at] = [0, false, from, from];
  for (; at < value.length; at++) {
    const character = value[at];
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")" && depth-- === 0) break;
    else if (character === "," && depth === 0) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return { parts: [...parts, value.slice(start, at)], end: at };
}

const TYPES = /type\("image\/(?!(apng|avif|bmp|gif|jpeg|png|svg\+xml|webp|x-icon|vnd\.microsoft\.icon)")/;

function bestOf(options: readonly string[], density: number): string {
  const densityOf = (option: string) => Number(/([\d.]+)dppx/.exec(option.replace(STRINGS, ""))?.[1] ?? 1);
  const sorted = options.filter((option) => !TYPES.test(option)).sort((a, b) => densityOf(a) - densityOf(b));
  return sorted.find((option) => densityOf(option) >= density) ?? sorted.at(-1) ?? options[0]!;
}
