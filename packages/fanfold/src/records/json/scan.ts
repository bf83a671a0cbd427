/** Finds where JSON values end, in text of which they may be cut off. Says nothing of whether they are valid. */
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
/** A number or a word, and whatever stands in its place. */
const SCALAR = /[^\s,:[\]{}"]+/y;
const SPACE = /[ \t\r\n]*/y;

/** Position of the first character that is not JSON's white space. */
export function skipSpace(text: string, at: number): number {
  // Mostly there is none, or one.
  if (text.charCodeAt(at) > 32) return at;
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** Position behind the value; -1 when the text ends before it does, or may. `at` itself where there is no value. */
export function valueEnd(text: string, at: number, last: boolean): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return stringEnd(text, at);
  if (code === OPEN_OBJECT || code === OPEN_LIST) return nestedEnd(text, at);
  return scalarEnd(text, at, last);
}

export function scalarEnd(text: string, at: number, last: boolean): number {
  SCALAR.lastIndex = at;
  const end = SCALAR.test(text) ? SCALAR.lastIndex : at;
  return end === text.length && !last ? -1 : end;
}

/** Position behind the string that starts at `at`; -1 when the text ends first. */
export function stringEnd(text: string, at: number): number {
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return -1;
    let slashes = quote - 1;
    while (slashes > at && text.charCodeAt(slashes) === BACKSLASH) slashes--;
    if ((quote - slashes) % 2 === 1) return quote + 1;
    from = quote + 1;
  }
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) return -1;
      continue;
    }
    at++;
    if (code === OPEN_OBJECT || code === OPEN_LIST) depth++;
    else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && --depth === 0) return at;
  }
  return -1;
}

/** Whether lists and objects are in each other on more than so many levels, in the text of JSON that is valid. */
export function nestsDeeper(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false;
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) return false;
      continue;
    }
    at++;
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > most) return true;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--;
  }
  return false;
}
