/** What may be a bucket, a key and the things said about an object, by S3's rules; and S3's words for what may not. */
import { utf8Length } from '../../json.ts';
import { KEPT_HEADERS, type ObjectDescription } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const NOT_A_BUCKET = /\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|^sthree-|-s3alias$|--ol-s3$/;
const LONGEST_KEY = 1024;
const LARGEST_METADATA = 2048;
// oxlint-disable-next-line no-control-regex -- these are what must not get into a header
const CONTROL = /[\u0000-\u001f\u007f]/;

/** @throws ServiceError InvalidBucketName */
export function checkBucketName(bucket: unknown): void {
  if (typeof bucket === 'string' && BUCKET.test(bucket) && !NOT_A_BUCKET.test(bucket)) return;
  throw new ServiceError(
    'InvalidBucketName',
    `The specified bucket is not valid: ${JSON.stringify(bucket)}. ` +
      'Use 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit first and last.',
  );
}

/** The names that a bucket could have in S3's first region once. None is here, but asking for one is no bad request. */
const ONCE_A_BUCKET = /^[A-Za-z0-9._-]{3,255}$/;

/** For what asks for a bucket, which is less strict than what makes one. @throws ServiceError InvalidBucketName */
export function checkAskedBucket(bucket: unknown): void {
  if (typeof bucket !== 'string' || !ONCE_A_BUCKET.test(bucket)) checkBucketName(bucket);
}

/** @throws ServiceError KeyTooLongError, InvalidArgument, InvalidURI */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string' || key === '')
    throw new ServiceError('InvalidArgument', `An object's key is a text of 1 to ${LONGEST_KEY} bytes.`);
  if (!key.isWellFormed())
    throw new ServiceError(
      'InvalidURI',
      `The key ${JSON.stringify(key)} is not Unicode: it has half of a surrogate pair.`,
    );
  if (utf8Length(key) > LONGEST_KEY)
    throw new ServiceError(
      'KeyTooLongError',
      `Your key is too long: ${utf8Length(key)} bytes, at most ${LONGEST_KEY}.`,
    );
}

/** All of it goes into headers sooner or later. @throws ServiceError InvalidArgument, MetadataTooLarge, InvalidTag */
export function checkDescription({ contentType, metadata, details }: ObjectDescription): void {
  checkHeader('content type', contentType);
  for (const [name, value] of Object.entries(details.headers ?? {})) {
    if (!KEPT_HEADERS.includes(name))
      throw new ServiceError('InvalidArgument', `An object has no header ${name}: ${KEPT_HEADERS.join(', ')}.`);
    checkHeader(`header ${name}`, value);
  }
  checkTags(details.tags ?? {});
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    checkHeader(`metadata ${JSON.stringify(name)}`, name);
    checkHeader(`metadata ${JSON.stringify(name)}`, value);
    bytes += utf8Length(name) + utf8Length(value);
  }
  if (bytes > LARGEST_METADATA)
    throw new ServiceError(
      'MetadataTooLarge',
      `Your metadata headers exceed the maximum allowed metadata size: ${bytes} bytes, at most ${LARGEST_METADATA}.`,
    );
}

const MOST_TAGS = 10;
const LONGEST_TAG = { name: 128, value: 256 } as const;

/** @throws ServiceError BadRequest, InvalidTag */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const all = Object.entries(tags);
  if (all.length > MOST_TAGS)
    throw new ServiceError('BadRequest', `Object tags cannot be greater than ${MOST_TAGS}: ${all.length}`);
  for (const [name, value] of all) {
    if (name === '' || name.length > LONGEST_TAG.name || !name.isWellFormed())
      throw new ServiceError('InvalidTag', `The TagKey you have provided is invalid: ${JSON.stringify(name)}`);
    if (typeof value !== 'string' || value.length > LONGEST_TAG.value || !value.isWellFormed())
      throw new ServiceError('InvalidTag', `The TagValue you have provided is invalid: ${JSON.stringify(value)}`);
  }
}

function checkHeader(what: string, value: unknown): void {
  if (typeof value === 'string' && value.isWellFormed() && !CONTROL.test(value)) return;
  throw new ServiceError('InvalidArgument', `The ${what} must be a text without control characters.`);
}
