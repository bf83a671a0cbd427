/** Ids of versions: no text of a client's is one by chance, and each says where its version stands among those of its key. */
import { randomBytes } from 'node:crypto';
import { NULL_VERSION } from '../../ports/objects.ts';
import { noVersionId } from './object-error.ts';

const ID = /^[\w-]{32}$/;
const SEQUENCER_BYTES = 8;

/** @param sequencer of the write, 16 hexadecimal digits */
export function newVersionId(sequencer: string): string {
  return Buffer.concat([Buffer.from(sequencer, 'hex'), randomBytes(16)]).toString('base64url');
}

/** Undefined for `null`, which any write may have. */
export function sequencerOf(versionId: string): string | undefined {
  if (versionId === NULL_VERSION) return undefined;
  return Buffer.from(versionId, 'base64url').subarray(0, SEQUENCER_BYTES).toString('hex').toUpperCase();
}

/** @throws ServiceError InvalidArgument */
export function checkVersionId(versionId: unknown): void {
  if (versionId === NULL_VERSION || (typeof versionId === 'string' && ID.test(versionId))) return;
  throw noVersionId(String(versionId));
}
