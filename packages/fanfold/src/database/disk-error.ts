/** What a disk refuses: it is full, it fails, or it is not ours to write. */

/** Names the place and the next move, and so is told without a stack. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly path: string;

  /** @param also what it means to whoever was writing */
  constructor(path: string, cause: unknown, also = '') {
    const because = cause instanceof DiskError ? cause.cause : cause;
    const reason = because instanceof Error ? because.message : String(because);
    super(`Cannot write to ${path}: ${reason}. ${also}Check the disk and its free space, then start again.`, {
      cause: because,
    });
    this.path = path;
  }
}

/** Primary result codes of SQLite: READONLY, IOERR, FULL, CANTOPEN. */
const SQLITE_CODES: ReadonlySet<number> = new Set([8, 10, 13, 14]);

const SYSTEM_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EMFILE', 'ENFILE']);

/** Whether the disk is to blame, and not who asked. */
export function isDiskFailure(error: unknown): error is Error {
  if (error instanceof DiskError) return true;
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  // An extended code holds the primary one in its low byte.
  if (code === 'ERR_SQLITE_ERROR') return typeof errcode === 'number' && SQLITE_CODES.has(errcode & 0xff);
  return typeof code === 'string' && SYSTEM_CODES.has(code);
}

/** Runs work on a file; what the disk refuses is told as a {@link DiskError}. */
export function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDiskError(path, error);
  }
}

/** An error as it is told: what the disk refused with the place, anything else as it is. */
export function asDiskError(path: string, error: unknown): unknown {
  return isDiskFailure(error) && !(error instanceof DiskError) ? new DiskError(path, error) : error;
}
