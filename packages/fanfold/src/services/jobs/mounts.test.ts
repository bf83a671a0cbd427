import { describe, expect, it } from 'vitest';
import { rewriteMounts } from './mounts.ts';

const MOUNTS = [
  { path: '/root/data/', folder: '/v/shared' },
  { path: '/root/data/in', folder: '/v/in' },
];

describe('mount paths', () => {
  it.each([
    ['/root/data', '/v/shared'],
    ['/root/data/', '/v/shared/'],
    ['/root/data/out/a.csv', '/v/shared/out/a.csv'],
    ['/root/data/in/a.csv', '/v/in/a.csv'],
    ['/root/data/x/../y', '/v/shared/y'],
    ['/root/database', '/root/database'],
    ['/root', '/root'],
    ['root/data', 'root/data'],
    ['--in=/root/data', '--in=/root/data'],
    ['', ''],
    // They lead elsewhere, as they would in a container.
    ['/root/data/../x', '/root/data/../x'],
    ['/root/data/../../../etc/passwd', '/root/data/../../../etc/passwd'],
  ])('%s', (value, expected) => expect(rewriteMounts(value, MOUNTS)).toBe(expected));
});
