/**
 * Texts of a definition on their way into a drawing. Names of states are free text that may come from anywhere: what would
 * steer a terminal or turn a line around is written as an escape, so that a drawing shows it instead of obeying it.
 */

/** Control, format (bidi marks, zero width) and line separating characters, halves of surrogate pairs, and what XML has no place for. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Joins emoji and shapes letters of some scripts; harmless by itself. */
const JOINERS = /[\u200c\u200d]/;

/** The text with everything in it visible, on one line. */
export function visible(text: string): string {
  return text.replace(UNSHOWN, (char) => {
    if (JOINERS.test(char)) return char;
    return SHORT[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Of these each is one by itself; a line break of two characters is not among them. */
const PLAIN = /^[ -~]*$/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader takes for one character. A character may carry any number of marks: what is beyond 16 units is cut off. */
export function characters(text: string): string[] {
  // Nearly all texts; the others take ten times as long.
  if (PLAIN.test(text)) return text.split('');
  return Array.from(graphemes.segment(text), ({ segment }) =>
    segment.length > 16 ? segment.slice(0, 16).toWellFormed() : segment,
  );
}

/** At most so many characters, the last one an ellipsis if there were more. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const all = characters(text.slice(0, most * 16));
  return all.length <= most && text.length <= most * 16 ? text : `${all.slice(0, most - 1).join('')}…`;
}
