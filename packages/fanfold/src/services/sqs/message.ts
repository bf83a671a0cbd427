/** What a message may be, and the digests that clients hold it against. */
import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, member, utf8Length } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { invalidParameter, missingParameter } from './sqs-error.ts';

/** What XML may hold, which is what SQS takes. */
// oxlint-disable-next-line no-control-regex -- these are the very characters
const NOT_ALLOWED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/;
const MOST_ATTRIBUTES = 10;

/** @throws ServiceError MissingParameter, InvalidMessageContents, InvalidParameterValue */
export function checkMessage(body: string, attributes: JsonObject | undefined, most: number): void {
  if (body === '') throw missingParameter('MessageBody');
  if (NOT_ALLOWED.test(body))
    throw new ServiceError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    );
  const bytes = utf8Length(body) + attributeBytes(attributes);
  if (bytes > most)
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
}

/** What an entry of a batch counts; what is no message is refused on its own. */
export function entryBytes(entry: JsonObject): number {
  const [body, attributes] = [member(entry, 'MessageBody'), member(entry, 'MessageAttributes')];
  try {
    return (typeof body === 'string' ? utf8Length(body) : 0) + attributeBytes(checkMessageAttributes(attributes));
  } catch {
    return typeof body === 'string' ? utf8Length(body) : 0;
  }
}

interface Typed {
  readonly type: string;
  readonly value: string | Buffer;
}

/** @throws ServiceError InvalidParameterValue */
export function checkMessageAttributes(given: Json | undefined): JsonObject | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) throw invalidParameter('MessageAttributes', given, 'Must be a map.');
  const names = Object.keys(given);
  if (names.length === 0) return undefined;
  if (names.length > MOST_ATTRIBUTES)
    throw invalidParameter(
      'MessageAttributes',
      names.length,
      `Number of message attributes [${names.length}] exceeds the allowed maximum [10].`,
    );
  for (const name of names) {
    if (!ATTRIBUTE_NAME.test(name)) throw invalidParameter('MessageAttributes', name, 'The name is not allowed.');
    typed(name, given[name] as Json);
  }
  return given;
}

function typed(name: string, attribute: Json): Typed {
  const wrong = (reason: string): ServiceError => invalidParameter(`MessageAttributes.${name}`, attribute, reason);
  if (!isObject(attribute)) throw wrong('Must have a DataType and a value.');
  const type = member(attribute, 'DataType');
  const kind = typeof type === 'string' ? ATTRIBUTE_TYPE.exec(type)?.[1] : undefined;
  if (typeof type !== 'string' || kind === undefined)
    throw wrong('The message attribute type must be Binary, Number or String, with or without a label of its own.');
  const value = member(attribute, kind === 'Binary' ? 'BinaryValue' : 'StringValue');
  if (typeof value !== 'string' || value === '')
    throw wrong(`The message attribute must contain a non-empty value of type ${kind}.`);
  if (kind === 'Number' && !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value))
    throw wrong('Cannot cast it to a number.');
  return { type, value: kind === 'Binary' ? Buffer.from(value, 'base64') : value };
}

function attributeBytes(attributes: JsonObject | undefined): number {
  return Object.entries(attributes ?? {}).reduce((sum, [name, attribute]) => {
    const { type, value } = typed(name, attribute);
    return sum + utf8Length(name) + utf8Length(type) + Buffer.byteLength(value);
  }, 0);
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const STRING_VALUE = Buffer.from([1]);
const BINARY_VALUE = Buffer.from([2]);

/** As SQS makes it: names in order; each name, type and value with its length before it. */
export function md5OfAttributes(attributes: JsonObject): string {
  const hash = createHash('md5');
  const add = (part: string | Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { type, value } = typed(name, attributes[name] as Json);
    add(name);
    add(type);
    hash.update(typeof value === 'string' ? STRING_VALUE : BINARY_VALUE);
    add(value);
  }
  return hash.digest('hex');
}
