/** The Parameters, or Arguments, of an ItemReader: those of S3's GetObject and ListObjectsV2 that are taken here. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import { ItemSourceError } from '../../ports/item-sources.ts';

export type ReaderAction = 'getObject' | 'listObjectsV2';

export interface ReaderParameters {
  readonly Bucket: string;
  readonly Key?: string;
  readonly VersionId?: string;
  readonly Prefix?: string;
  readonly StartAfter?: string;
  /** Objects listed at a time. */
  readonly MaxKeys?: number;
  readonly ExpectedBucketOwner?: string;
}

interface Rule {
  readonly what: string;
  readonly holds: (value: Json) => boolean;
}

const TEXT: Rule = { what: 'a text', holds: (value) => typeof value === 'string' };
const PAGE: Rule = {
  what: 'a whole number from 1 to 1000',
  holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1000,
};

interface Known {
  readonly required: readonly string[];
  readonly rules: Readonly<Record<string, Rule>>;
}

const PARAMETERS: Readonly<Record<ReaderAction, Known>> = {
  getObject: {
    required: ['Bucket', 'Key'],
    rules: { Bucket: TEXT, Key: TEXT, VersionId: TEXT, ExpectedBucketOwner: TEXT },
  },
  listObjectsV2: {
    required: ['Bucket'],
    rules: { Bucket: TEXT, Prefix: TEXT, StartAfter: TEXT, MaxKeys: PAGE, ExpectedBucketOwner: TEXT },
  },
};

/** @throws ItemSourceError for one that is missing, not known, or not of its type */
export function readReaderParameters(action: ReaderAction, parameters: Json): ReaderParameters {
  const { required, rules } = PARAMETERS[action];
  const given: JsonObject = isObject(parameters) ? parameters : {};
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule)
      throw new ItemSourceError(
        `The parameter '${name}' of s3:${action} is not supported. Use ${Object.keys(rules).join(', ')}.`,
      );
    if (!rule.holds(value))
      throw new ItemSourceError(
        `The parameter '${name}' of s3:${action} must be ${rule.what}, not ${JSON.stringify(value)}`,
      );
  }
  const missing = required.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) throw new ItemSourceError(`The parameter '${missing}' of s3:${action} is missing`);
  return given as unknown as ReaderParameters;
}
