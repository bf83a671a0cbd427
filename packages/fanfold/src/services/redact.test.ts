import { describe, expect, it } from 'vitest';
import { createRedactor } from './redact.ts';

const SECRET = 'pä"ss\\word & more';
const SEVERAL = `-----begin "key"-----\nshort\n${SECRET}`;

describe('secrets in a text', () => {
  it.each<[string, (secret: string) => string]>([
    ['as they are', (secret) => secret],
    ['in JSON', (secret) => JSON.stringify({ of: secret })],
    ['in JSON within JSON', (secret) => JSON.stringify({ body: JSON.stringify({ of: secret }) })],
    ['in an address', (secret) => `?token=${encodeURIComponent(secret)}`],
    ['as Python writes JSON', () => String.raw`{"errorMessage": "bad p\u00e4\"ss\\word & more"}`],
  ])('are hidden %s', (_, written) => {
    const shown = createRedactor([SECRET])(written(SECRET));
    expect(shown).toContain('***');
    expect(shown).not.toMatch(/ss.*word/);
  });

  it('are hidden line by line, also where lines stand in JSON', () => {
    const redact = createRedactor([SEVERAL]);
    for (const line of SEVERAL.split('\n').filter((each) => each !== 'short')) {
      expect(redact(`line: ${line}`)).toBe('line: ***');
      expect(redact(JSON.stringify({ stack: [line] }))).toBe('{"stack":["***"]}');
    }
  });

  it('are nothing where they are empty', () => {
    expect(createRedactor([''])('text')).toBe('text');
  });
});
