import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionCode } from './function-code.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-code-'));
  mkdirSync(join(directory, 'src', 'orders'), { recursive: true });
  for (const file of ['src/app.py', 'src/app.mjs', 'src/orders/intake.py', 'src/orders/__init__.py'])
    writeFileSync(join(directory, file), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the handler of a function', () => {
  it.each(['app.handler', 'orders/intake.handler', 'orders.intake.handler', 'orders.handler'])(
    'in Python is that of a module, of a package too, as Lambda finds it: %s',
    (handler) => {
      const code = functionCode({ code: './src', handler, runtime: 'python3' }, directory);
      expect(code).toEqual({ kind: 'python', folder: join(directory, 'src'), handler });
    },
  );

  it('in JavaScript is an export of a file', () => {
    const code = functionCode({ code: './src', handler: 'app.handler' }, directory);
    expect(code).toEqual({ kind: 'module', file: join(directory, 'src/app.mjs'), exportName: 'handler' });
  });

  it.each([
    [{ handler: 'orders.none.handler', runtime: 'python3' }, '.handler: there is no file orders/none.py in ./src'],
    [{ handler: 'none.handler' }, '.handler: there is no file none.{ts,mts,cts,js,mjs,cjs} in ./src'],
    [{ handler: 'handler' }, '.handler: file.export is needed, such as index.handler, not handler'],
  ] as const)('that is not there is told: %j', (settings, told) => {
    expect(functionCode({ code: './src', ...settings }, directory)).toBe(told);
  });
});
