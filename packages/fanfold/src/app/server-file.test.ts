import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServerFile, removeServerFile, writeServerFile } from './server-file.ts';

describe('server.json', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-server-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('says where the server is, until it is removed', () => {
    const server = { pid: 42, url: 'http://127.0.0.1:7070' };
    expect(readServerFile(directory)).toBeUndefined();
    writeServerFile(directory, { pid: 1, url: 'http://127.0.0.1:1' });
    writeServerFile(directory, server);
    expect(readServerFile(directory)).toEqual(server);
    expect(readdirSync(directory)).toEqual(['server.json']);
    removeServerFile(directory);
    removeServerFile(directory);
    expect(readServerFile(directory)).toBeUndefined();
  });

  it.each([
    '',
    '{',
    'null',
    '42',
    '"text"',
    '[]',
    '{}',
    '{"pid": 1}',
    '{"url": "u"}',
    '{"pid": "1", "url": "u"}',
    '\u0000',
  ])('is not there when it says %j', (text) => {
    writeFileSync(join(directory, 'server.json'), text);
    expect(readServerFile(directory)).toBeUndefined();
  });

  it('is not there when it is a folder, or the directory is missing', () => {
    expect(readServerFile(join(directory, 'missing'))).toBeUndefined();
    mkdirSync(join(directory, 'server.json'));
    expect(readServerFile(directory)).toBeUndefined();
  });
});
