/** Whether numbers come out as they went in: a double holds about 16 digits, and JavaScript rounds without a word. */

/** Where such a number may be; most texts have none. */
const LONG = /\d{16}|\d[eE]\+?\d{3}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Whether it is no other whole number than its text says, and not infinite. Digits behind the point may be rounded. */
export function isKept(text: string, value: number): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return true;
  return Number.isFinite(value) && digitsOf(text) === digitsOf(String(value));
}

/** The first number of a JSON text that is not kept, as it is written there. */
export function lostNumber(json: string): string | undefined {
  if (!LONG.test(json)) return undefined;
  for (const [token] of json.matchAll(STRING_OR_NUMBER))
    if (!token.startsWith('"') && !isKept(token, Number(token))) return token;
  return undefined;
}

/** Those that count: without sign, point and exponent, and without zeros at the ends. */
function digitsOf(text: string): string {
  return text
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+|0+$/g, '');
}
