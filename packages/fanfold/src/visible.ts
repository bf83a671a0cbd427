/**
 * Texts on their way to a reader. Names of states, keys of objects and causes of errors are free text that may come from
 * anywhere: what would steer a terminal or turn a line around is written as an escape, so that it is shown and not obeyed.
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

/** The same for a text of several lines: its line ends and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}
