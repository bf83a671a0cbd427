/** Numbers the lines of a text that is gone through forwards, view by view. */
export interface LineCounter {
  /** Goes to the next view; what was counted before stays counted. */
  view(text: string): void;
  /** The line of a position of the view, which is not before the last one asked for. */
  at(position: number): number;
}

export function createLineCounter(firstLine: number): LineCounter {
  let line = firstLine;
  let text = '';
  /** The first line feed that is not counted yet. */
  let next = 0;
  return {
    view(of) {
      text = of;
      next = nextOrEnd(text, 0);
    },
    at(position) {
      while (next < position) {
        line++;
        next = nextOrEnd(text, next + 1);
      }
      return line;
    },
  };
}

const LF = 10;

function nextOrEnd(text: string, from: number): number {
  // Lines with nothing in them come many at once.
  if (text.charCodeAt(from) === LF) return from;
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}
