/** The tags of a queue. They are kept and shown; nothing here goes by them. */
import { isArray, isObject, type JsonObject, member } from '../../json.ts';
import { invalidParameter, missingParameter } from './sqs-error.ts';

export type QueueTags = Readonly<Record<string, string>>;

const MOST_TAGS = 50;

/** @throws ServiceError MissingParameter, InvalidParameterValue */
export function readTags(input: JsonObject, name: string): QueueTags {
  const given = member(input, name) ?? null;
  if (given === null) throw missingParameter(name);
  if (!isObject(given)) throw invalidParameter(name, given, 'Must be a map.');
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string' || value.length > 256 || !/^(?!aws:).{1,128}$/isu.test(key))
      throw invalidParameter(
        name,
        { [key]: value },
        'A tag has a key of 1 to 128 characters and a value of up to 256.',
      );
    tags[key] = value;
  }
  return tags;
}

/** @throws ServiceError InvalidParameterValue */
export function withTags(known: QueueTags, more: QueueTags): QueueTags {
  const all = { ...known, ...more };
  if (Object.keys(all).length > MOST_TAGS)
    throw invalidParameter('Tags', Object.keys(all).length, `A queue has at most ${MOST_TAGS} tags.`);
  return all;
}

/** @throws ServiceError MissingParameter, InvalidParameterValue */
export function withoutTags(known: QueueTags, input: JsonObject): QueueTags {
  const keys = member(input, 'TagKeys') ?? null;
  if (keys === null) throw missingParameter('TagKeys');
  if (!isArray(keys)) throw invalidParameter('TagKeys', keys, 'Must be a list of keys.');
  return Object.fromEntries(Object.entries(known).filter(([key]) => !keys.includes(key)));
}
