/** Reads the body of a request, within limits. */
import type { IncomingMessage } from 'node:http';

/** The body is longer than allowed. */
export class BodyTooLarge extends Error {}
/** The client went away in the middle of its request: there is nobody to answer. */
export class ClientGone extends Error {}

/**
 * How much of a body too large is still read and thrown away while the client reads the answer: a connection that is
 * closed on what was never read is reset, and the answer lost with it. Whoever goes on sending is cut off.
 */
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
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(new BodyTooLarge());
      if (size > limit + DRAINED_BYTES) incoming.destroy();
    });
    const gone = (): void => {
      if (!incoming.readableEnded) reject(new ClientGone());
    };
    incoming.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.once('error', gone);
    incoming.once('close', gone);
  });
}
