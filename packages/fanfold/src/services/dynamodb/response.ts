/** A response as Step Functions hands it to a state: the members, and what the AWS SDK for Java says of the exchange. */
import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../json.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

/** @param now milliseconds since the epoch */
export function sdkResponse(members: JsonObject, requestId: string, now: number): JsonObject {
  const body = Buffer.from(JSON.stringify(members));
  const headers: Readonly<Record<string, string>> = {
    Server: 'Server',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'x-amz-crc32': String(crc32(body)),
    'Content-Length': String(body.length),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'application/x-amz-json-1.0',
  };
  return { ...members, ...sdkMetadata(headers, requestId) };
}
