/** Texts of a definition on their way into a drawing: as long as there is room, cut between what a reader takes for characters. */

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
