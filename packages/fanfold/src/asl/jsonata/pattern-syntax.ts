/**
 * Regular expressions of JavaScript, written for RE2: the same characters match. What cannot be matched in linear time
 * (looking ahead or behind, references back) is refused.
 */

/** What \s matches in JavaScript, and all the rest. */
const SPACE = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NO_SPACE =
  '\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}' +
  '\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const ANY_BUT_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';

interface Rule {
  /** Sticky. */
  readonly pattern: RegExp;
  readonly write: string | ((found: RegExpExecArray, inClass: boolean) => string);
}

/** The first that matches counts. */
const ESCAPES: readonly Rule[] = [
  { pattern: /\\[dDwWnrtfv]/y, write: ([text]) => text },
  { pattern: /\\s/y, write: (_, inClass) => (inClass ? SPACE : `[${SPACE}]`) },
  { pattern: /\\S/y, write: (_, inClass) => (inClass ? NO_SPACE : `[${NO_SPACE}]`) },
  { pattern: /\\b/y, write: (_, inClass) => (inClass ? '\\x08' : '\\b') },
  { pattern: /\\B/y, write: (_, inClass) => (inClass ? 'B' : '\\B') },
  { pattern: /\\0(?!\d)/y, write: '\\x00' },
  { pattern: /\\(?:\d|k<)/y, write: () => refuse('a reference back to a group') },
  { pattern: /\\x([\da-f]{2})/iy, write: ([, hex]) => `\\x{${hex}}` },
  {
    pattern: /\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})/iy,
    write: ([, high, low]) => {
      const character = String.fromCharCode(Number.parseInt(high as string, 16), Number.parseInt(low as string, 16));
      return `\\x{${character.codePointAt(0)?.toString(16)}}`;
    },
  },
  { pattern: /\\u([\da-f]{4})/iy, write: ([, hex]) => `\\x{${hex}}` },
  { pattern: /\\c([a-z])/iy, write: ([, letter]) => `\\x{${((letter as string).charCodeAt(0) % 32).toString(16)}}` },
  { pattern: /\\c/y, write: '\\\\c' },
  { pattern: /\\([A-Za-z])/y, write: ([, letter]) => letter as string },
  { pattern: /\\([!-~])/y, write: ([text]) => text },
  { pattern: /\\(.)/suy, write: ([, character]) => character as string },
];

const OUTSIDE: readonly Rule[] = [
  ...ESCAPES,
  { pattern: /\./y, write: ANY_BUT_LINE_END },
  { pattern: /\(\?:/y, write: '(?:' },
  { pattern: /\(\?<(?=[\p{L}_$])/uy, write: '(?P<' },
  { pattern: /\(\?=|\(\?!/y, write: () => refuse('a lookahead') },
  { pattern: /\(\?<[=!]/y, write: () => refuse('a lookbehind') },
  { pattern: /\(\?/y, write: () => refuse('flags inside the pattern') },
  { pattern: /\{\d+(?:,\d*)?\}/y, write: ([text]) => text },
  { pattern: /[{}\]]/y, write: ([text]) => `\\${text}` },
  { pattern: /\[\]/y, write: '[^\\x00-\\x{10ffff}]' },
  { pattern: /\[\^\]/y, write: '[\\x00-\\x{10ffff}]' },
  { pattern: /./suy, write: ([text]) => text },
];

const INSIDE: readonly Rule[] = [
  ...ESCAPES,
  { pattern: /\[/y, write: '\\[' },
  { pattern: /./suy, write: ([text]) => text },
];

/** @throws SyntaxError */
export function translatePattern(source: string): string {
  let result = '';
  let inClass = false;
  for (let at = 0; at < source.length;) {
    const [text, length] = applyFirst(inClass ? INSIDE : OUTSIDE, source, at, inClass);
    const start = source[at];
    if (!inClass && start === '[' && length === 1) inClass = true;
    else if (inClass && start === ']') inClass = false;
    result += text;
    at += length;
  }
  return result;
}

function applyFirst(rules: readonly Rule[], source: string, at: number, inClass: boolean): [string, number] {
  for (const { pattern, write } of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) return [typeof write === 'string' ? write : write(found, inClass), found[0].length];
  }
  return [source[at] ?? '', 1];
}

function refuse(what: string): never {
  throw new SyntaxError(`${what} cannot be matched in linear time and is not supported`);
}
