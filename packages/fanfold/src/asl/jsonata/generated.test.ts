/** The build step refuses a package that it was not written for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = new URL('../../../../../scripts/jsonata-sync.mjs', import.meta.url).href;

function libraryWith(version: string, source: string): string {
  const library = mkdtempSync(join(tmpdir(), 'fanfold-jsonata-'));
  const folder = join(library, 'node_modules', 'jsonata');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(library, 'package.json'), '{}');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'jsonata', version, main: 'jsonata.js' }));
  writeFileSync(join(folder, 'jsonata.js'), source);
  return library;
}

test.each([
  ['2.2.3', '', 'version 2.2.3 is installed, 2.2.2 is needed'],
  ['2.2.2', 'module.exports = 1', /jsonata.js has the checksum [0-9a-f]{64} instead of [0-9a-f]{64}/],
])('version %s with other contents', async (version, source, problem) => {
  const { writeSynchronousJsonata } = (await import(SCRIPT)) as { writeSynchronousJsonata(library: string): void };
  const library = libraryWith(version, source);
  try {
    expect(() => {
      writeSynchronousJsonata(library);
    }).toThrow(problem);
  } finally {
    rmSync(library, { recursive: true });
  }
});
