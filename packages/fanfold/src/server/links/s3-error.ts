/** Refusals as S3 words them: XML. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ServiceError } from '../../ports/service-error.ts';
import { escapeXml } from '../s3/xml.ts';

export function sendS3Error(
  outgoing: ServerResponse,
  { code, message, status }: ServiceError,
  { resource, headers = {} }: { readonly resource: string; readonly headers?: Readonly<Record<string, string>> },
): void {
  const requestId = randomUUID();
  const members = { Code: code, Message: message, Resource: resource, RequestId: requestId };
  const xml = Object.entries(members).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xml.join('')}</Error>`;
  outgoing.writeHead(status, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(body),
    'x-amz-request-id': requestId,
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  outgoing.end(body);
}
