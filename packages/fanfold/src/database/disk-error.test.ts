import { describe, expect, it } from 'vitest';
import { asDiskError, DiskError, isDiskFailure } from './disk-error.ts';

const system = (code: string): Error => Object.assign(new Error(`${code}: told by the system, write`), { code });
const sqlite = (errcode: number): Error =>
  Object.assign(new Error('told by SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('a disk is to blame', () => {
  it.each(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'])('for %s', (code) => expect(isDiskFailure(system(code))).toBe(true));
  // The second and third are IOERR with a reason of its own.
  it.each([13, 10, 10 | (4 << 8), 10 | (12 << 8), 8])('for the code %d of SQLite', (errcode) =>
    expect(isDiskFailure(sqlite(errcode))).toBe(true),
  );
  it.each([5, 19, 19 | (8 << 8)])('not for the code %d of SQLite', (errcode) =>
    expect(isDiskFailure(sqlite(errcode))).toBe(false),
  );
  it.each([new Error('no'), system('ECONNREFUSED'), 'a text', undefined])('not for %s', (error) =>
    expect(isDiskFailure(error)).toBe(false),
  );
});

describe('what the disk refuses', () => {
  it('is told with what, where and the next move', () => {
    const told = asDiskError('/data/engine.db', system('ENOSPC')) as DiskError;
    expect(told.message).toBe(
      'Cannot write to /data/engine.db: ENOSPC: told by the system, write. Check the disk and its free space, then start again.',
    );
    expect(told.path).toBe('/data/engine.db');
  });

  it('keeps its first place, and its cause, when it is told again', () => {
    const first = asDiskError('/data/engine.db', sqlite(13));
    expect(asDiskError('/data', first)).toBe(first);
    expect(new DiskError('/data/engine.db', first, 'It stops. ').message).toMatch(
      /db: told by SQLite\. It stops\. Check/,
    );
  });

  it('leaves other errors as they are', () => {
    const other = new Error('no');
    expect(asDiskError('/data', other)).toBe(other);
  });
});
