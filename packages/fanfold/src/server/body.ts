/** Reads the body of a request, within limits. */
import type { IncomingMessage } from 'node:http';

/** The body is longer than allowed. */
export class BodyTooLarge extends Error {}
/** The client went away in the middle of its request: there is nobody to answer. */
export class ClientGone extends Error {}

/** How much of a body too large is still read and thrown away, so that the client gets to read the answer. */
const DRAINED_BYTES = 32 * 1024 * 1024;

export const NO_BODY: Buffer = Buffer.alloc(0);

/**
 * @param limit bytes
 * @throws BodyTooLarge, ClientGone
 */
export function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const { headers } = incoming;
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0')
    return Promise.resolve(NO_BODY);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit + DRAINED_BYTES) {
        incoming.pause();
        reject(new BodyTooLarge());
      }
    });
    incoming.once('end', () => (size > limit ? reject(new BodyTooLarge()) : resolve(Buffer.concat(chunks, size))));
    incoming.once('error', () => reject(new ClientGone()));
    incoming.once('close', () => reject(new ClientGone()));
  });
}
