/**
 * Events of S3 that come from outside: what S3 sends to queues, topics and functions, and what EventBridge makes of it, for objects
 * that are in the buckets here. Each record is an event of its own, and starts what a new object would start; an event for a
 * version that has started an execution comes to that same one (I5).
 */
import { isArray, isObject, type Json, member } from '../json.ts';
import type { ObjectEvent, ObjectEventName, ObjectEvents, ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Trigger } from './trigger.ts';

export interface OutsideEventsParams {
  readonly triggers: readonly Pick<Trigger, 'bucket'>[];
  readonly objects: Pick<Objects, 'head'>;
  readonly events: Pick<ObjectEvents, 'raise'>;
  /** Resolves once what was raised survives a power cut (I2). */
  readonly sync: () => Promise<void>;
}

/**
 * Resolves with the objects that were told of once their events are kept.
 * @throws ServiceError ValidationException when one of the records cannot be meant for here; then none counts
 */
export type OutsideEvents = (message: Json) => Promise<readonly ObjectRef[]>;

/** What a message says of one object. */
interface Told extends ObjectRef {
  readonly name: ObjectEventName;
  readonly eTag?: string;
}

export function createOutsideEvents({ triggers, objects, events, sync }: OutsideEventsParams): OutsideEvents {
  const watched = [...new Set(triggers.map(({ bucket }) => bucket))];

  const find = async ({ bucket, key, name, eTag }: Told): Promise<Pick<ObjectEvent, 'name' | 'object'>> => {
    if (!watched.includes(bucket))
      throw invalid(
        `No trigger of this project watches the bucket ${JSON.stringify(bucket)}. Watched are: ${watched.join(', ') || 'none'}`,
      );
    const object = await objects.head({ bucket, key });
    if (!object) throw invalid(`There is no object ${JSON.stringify(key)} in the bucket ${bucket}`);
    if (eTag !== undefined && eTag !== object.eTag)
      throw invalid(`The object ${JSON.stringify(key)} in the bucket ${bucket} is another version: ${object.eTag}`);
    return { name, object };
  };
  return async (message) => {
    const found = await Promise.all(read(message).map(find));
    events.raise(found);
    await sync();
    return found.map(({ object: { bucket, key } }) => ({ bucket, key }));
  };
}

/** @throws ServiceError ValidationException */
function read(message: Json): readonly Told[] {
  const records = part(message, 'Records');
  if (isArray(records)) return records.flatMap(ofRecord);
  // What S3 sends when a notification is set up.
  if (part(message, 'Event') === 's3:TestEvent') return [];
  const inner = part(message, 'Message');
  if (part(message, 'Type') === 'Notification' && typeof inner === 'string') return read(parsed(inner));
  if (part(message, 'source') === 'aws.s3') return ofEventBridge(message);
  throw invalid('This is no event of S3: it has neither Records nor the source aws.s3');
}

/** A record of S3's own notifications: its key is encoded as a form is. */
function ofRecord(record: Json): readonly Told[] {
  const name = part(record, 'eventName');
  if (part(record, 'eventSource') !== 'aws:s3' || typeof name !== 'string')
    throw invalid(`A record is none of S3: ${JSON.stringify(record).slice(0, 200)}`);
  if (!name.startsWith('ObjectCreated:')) return [];
  const s3 = part(record, 's3');
  const object = part(s3, 'object');
  const key = textOf(object, 'key');
  let decoded: string;
  try {
    decoded = decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw invalid(`The key of a record is not URL-encoded: ${JSON.stringify(key)}`);
  }
  return [told(textOf(part(s3, 'bucket'), 'name'), decoded, name, part(object, 'eTag'))];
}

/** `Object Created`, or a call that CloudTrail has seen. Their keys are not encoded. */
function ofEventBridge(message: Json): readonly Told[] {
  const detail = part(message, 'detail');
  const type = part(message, 'detail-type');
  if (type === 'Object Created') {
    const object = part(detail, 'object');
    const reason = part(detail, 'reason');
    const bucket = textOf(part(detail, 'bucket'), 'name');
    return [told(bucket, textOf(object, 'key'), String(reason), part(object, 'etag'))];
  }
  const call = part(detail, 'eventName');
  if (type !== 'AWS API Call via CloudTrail' || typeof call !== 'string' || !Object.hasOwn(NAMES, call)) return [];
  const request = part(detail, 'requestParameters');
  return [told(textOf(request, 'bucketName'), textOf(request, 'key'), call, undefined)];
}

function told(bucket: string, key: string, cause: string, eTag: Json | undefined): Told {
  const name = NAMES[cause.replace(/^ObjectCreated:/, '')] ?? 'ObjectCreated:Put';
  return { bucket, key, name, ...(typeof eTag === 'string' && { eTag }) };
}

/** By what a record, a reason and a call of the API are named. */
const NAMES: Readonly<Record<string, ObjectEventName>> = {
  Put: 'ObjectCreated:Put',
  PutObject: 'ObjectCreated:Put',
  Copy: 'ObjectCreated:Copy',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
};

function part(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? member(value, name) : undefined;
}

function textOf(value: Json | undefined, name: string): string {
  const found = part(value, name);
  if (typeof found !== 'string' || found === '') throw invalid(`A record has no text '${name}' where S3 has one`);
  return found;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw invalid('The Message of the notification is no JSON');
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
