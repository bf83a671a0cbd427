/** The body of a request in AWS JSON. */
import { isUtf8 } from 'node:buffer';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { ServiceError } from './service-error.ts';

/** @throws ServiceError SerializationException */
export function parseBody(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  const value = isUtf8(body) ? parseJson(body.toString()) : undefined;
  if (isObject(value)) return value;
  throw new ServiceError(
    'SerializationException',
    value === undefined ? 'The request is not JSON in UTF-8.' : 'The request must be a JSON object.',
  );
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
