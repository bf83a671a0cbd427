import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCredentials } from './credentials.ts';

describe('the credentials of a directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-credentials-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('are made once and stay the same', () => {
    const made = loadCredentials(directory);
    expect(made.accessKeyId).toMatch(/^FANFOLD[\dA-F]{12}$/);
    expect(made.secretAccessKey).toMatch(/^[\w-]{40}$/);
    expect(loadCredentials(directory)).toEqual(made);
    expect(readdirSync(directory)).toEqual(['credentials.json']);
  });

  it.skipIf(process.platform === 'win32')('can be read by their owner only', () => {
    loadCredentials(directory);
    expect(statSync(join(directory, 'credentials.json')).mode & 0o777).toBe(0o600);
  });

  it('are others in another directory', () => {
    const other = mkdtempSync(join(tmpdir(), 'fanfold-credentials-'));
    try {
      const [a, b] = [loadCredentials(directory), loadCredentials(other)];
      expect(a.accessKeyId).not.toBe(b.accessKeyId);
      expect(a.secretAccessKey).not.toBe(b.secretAccessKey);
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});
