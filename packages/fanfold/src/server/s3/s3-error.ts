/** Refusals as S3 words them: XML. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { ClientGone } from '../body.ts';
import { rangeHint } from './send-object.ts';
import { escapeXml } from './xml.ts';

/** Tells the client what went wrong; the log too, where it is not the client's fault. */
export function sendRefusal(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
  logger: Logger,
): ServiceError | undefined {
  if (isClientGone(error)) return undefined;
  // What a link is signed with is no business of the log's.
  const target = (incoming.url ?? '').replace(/\?.*/s, '');
  if (!(error instanceof ServiceError)) logger.error('A request for an object failed', { target, error });
  const refusal = refusalOf(error);
  // With half of it sent, the broken connection tells the client that the rest is missing.
  if (outgoing.headersSent) outgoing.destroy();
  else send(outgoing, refusal, { resource: target, headers: rangeHint(error) });
  // A client that still sends reads the answer when it has done so.
  incoming.resume();
  return refusal;
}

function send(
  outgoing: ServerResponse,
  { code, message, status, members }: ServiceError,
  { resource, headers }: { readonly resource: string; readonly headers: Readonly<Record<string, string>> },
): void {
  const requestId = String(outgoing.getHeader('x-amz-request-id') ?? '');
  const all = { Code: code, Message: message, ...members, Resource: resource, RequestId: requestId };
  const xml = Object.entries(all).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xml.join('')}</Error>`;
  outgoing.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  outgoing.end(body);
}

function refusalOf(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return new ServiceError('InternalError', 'We encountered an internal error. Please try again.', 500);
}

function isClientGone(error: unknown): boolean {
  if (error instanceof ClientGone) return true;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}
