/** Confirmation ids: UUIDs of version 4 that the run and the order decide, so that doing it again gives the same. */
import { createHash } from 'node:crypto';

export function confirmationId(runId: string, orderId: string): string {
  const bytes = createHash('sha256').update(`${runId}\n${orderId}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
