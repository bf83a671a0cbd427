import { describe, expect, it } from 'vitest';
import { formatCsvRecord } from './write.ts';

describe('formatCsvRecord', () => {
  it.each([
    [['a', 'b'], {}, 'a,b\r\n'],
    [['a', 'b'], { quote: 'all', delimiter: ';', newline: '\n' }, '"a";"b"\n'],
    [['a,b', 'say "hi"', 'x\ny', 'p\rq'], {}, '"a,b","say ""hi""","x\ny","p\rq"\r\n'],
    [['a,b;c'], { delimiter: ';' }, '"a,b;c"\r\n'],
    [['a,b'], { delimiter: ';' }, 'a,b\r\n'],
    [['a:', 'b'], { delimiter: '::' }, '"a:"::b\r\n'],
    [[''], {}, '""\r\n'],
    [['', ''], {}, ',\r\n'],
    [['\ufeffa'], {}, '"\ufeffa"\r\n'],
  ] as const)('writes %j with %j', (fields, format, expected) => {
    expect(formatCsvRecord(fields, format)).toBe(expected);
  });

  it('refuses a delimiter that would not be read back', () => {
    expect(() => formatCsvRecord(['a'], { delimiter: 'a"' })).toThrow('The delimiter "a\\"" does not work.');
  });
});
