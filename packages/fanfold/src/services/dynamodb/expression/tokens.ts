/** The tokens of an expression. */

export type TokenKind = 'name' | '#name' | ':value' | 'number' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN = /[ \t\r\n]*(?:([A-Za-z_]\w*)|(#\w+)|(:\w+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-])|([^]))/uy;
const KINDS: readonly TokenKind[] = ['name', '#name', ':value', 'number', 'sign'];

/** The last one is always `end`. A character that begins no token is one of its own, which no rule takes. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const at = match.slice(1).findIndex((group) => group !== undefined);
    const found = match[at + 1] as string;
    if (/^\s$/.test(found)) break;
    tokens.push({
      kind: KINDS[at] ?? 'sign',
      text: found,
      start: TOKEN.lastIndex - found.length,
      end: TOKEN.lastIndex,
    });
  }
  return [...tokens, { kind: 'end', text: '<EOF>', start: text.length, end: text.length }];
}
