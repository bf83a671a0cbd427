/**
 * How much room texts take, without a browser to measure them: widths of a usual sans-serif, a little generous, so that a
 * text stays in its box whatever font is at hand.
 */
import { characters } from '../words.ts';

/** In parts of the font's size; the first class that has the character counts. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^[ijl.,:;|!'`]/, 0.34],
  [/^[ frtI()[\]{}/\\-]/, 0.42],
  [/^[mwMW@%]/, 0.98],
  [/^[A-Z&#+<=>~_→…]/, 0.76],
  [/^[!-~\u00a0-\u024f]/, 0.64],
  [/^[\u0370-\u05ff\u1e00-\u1fff]/, 0.74],
];
/** Of everything else: ideographs, emoji, other scripts. */
const WIDE = 1.1;

/** In the unit of the font's size. */
export function textWidth(text: string, fontSize: number): number {
  return characters(text).reduce((sum, char) => sum + widthOf(char), 0) * fontSize;
}

const known = new Map<string, number>();

function widthOf(char: string): number {
  const ascii = char.length === 1 && char < '\u0080';
  const before = ascii ? known.get(char) : undefined;
  if (before !== undefined) return before;
  const width = WIDTHS.find(([chars]) => chars.test(char))?.[1] ?? WIDE;
  if (ascii) known.set(char, width);
  return width;
}

/**
 * Breaks a text into lines, between words where that can be done. What has no room ends in an ellipsis.
 *
 * @param width of a line, in the unit of the font's size
 */
export function wrap(text: string, fontSize: number, width: number, maxLines: number): readonly string[] {
  const most = width / fontSize;
  const lines: string[] = [];
  let rest = characters(text);
  while (rest.length > 0) {
    const fits = fitting(rest, most);
    if (fits === rest.length) return [...lines, rest.join('').trimEnd()];
    if (lines.length === maxLines - 1) {
      const kept = rest.slice(0, fitting(rest, most - widthOf('…')));
      return [...lines, `${kept.join('').trimEnd()}…`];
    }
    const cut = breakBefore(rest, Math.max(1, fits));
    lines.push(rest.slice(0, cut).join('').trimEnd());
    rest = rest.slice(rest[cut] === ' ' ? cut + 1 : cut);
  }
  return lines.length > 0 ? lines : [''];
}

/** How many of the characters fit. */
function fitting(chars: readonly string[], most: number): number {
  let width = 0;
  for (const [i, char] of chars.entries()) {
    width += widthOf(char);
    if (width > most) return i;
  }
  return chars.length;
}

const BREAKS: readonly RegExp[] = [/ /, /[-_.,:;/]/];

/**
 * The last place at or before `fits` where a word ends, else where a part of one does; `fits` itself where the word would be
 * torn far from any.
 */
function breakBefore(chars: readonly string[], fits: number): number {
  for (const end of BREAKS) {
    for (let i = fits; i > fits / 2; i--) if (chars[i] === ' ' || end.test(chars[i - 1] as string)) return i;
  }
  return fits;
}
