/** Reads the members of a request. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { invalidParameter, missingParameter } from './sqs-error.ts';

/** @throws ServiceError UnsupportedOperation for a member that the action does not have here */
export function checkMembers(action: string, input: JsonObject, known: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== null && !known.includes(name))
      throw new ServiceError(
        'UnsupportedOperation',
        `The parameter ${name} of ${action} is not supported here; leave it out.`,
      );
}

/** @throws ServiceError MissingParameter, InvalidParameterValue */
export function text(input: JsonObject, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = member(input, name) ?? null;
  if (value === null) return undefined;
  if (typeof value !== 'string') throw invalidParameter(name, value, 'Must be a text.');
  return value;
}

/** @throws ServiceError InvalidParameterValue */
export function optionalInteger(input: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = member(input, name) ?? null;
  if (value === null) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most)
    throw invalidParameter(name, value, `Must be between ${least} and ${most}, if provided.`);
  return number;
}

export function optionalNames(input: JsonObject, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = member(input, name) ?? [];
    if (!isArray(value) || value.some((one) => typeof one !== 'string'))
      throw invalidParameter(name, value, 'Must be a list of names.');
    return value as readonly string[];
  });
}

/** @param known beside `All` @throws ServiceError InvalidAttributeName, InvalidParameterValue */
export function attributeNames(
  input: JsonObject,
  known: ReadonlySet<string>,
  ...names: readonly string[]
): readonly string[] {
  const asked = optionalNames(input, ...names);
  const other = asked.find((name) => name !== 'All' && !known.has(name));
  if (other !== undefined) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${other.slice(0, 100)}.`);
  return asked;
}

const MOST_ENTRIES = 10;

/** The entries of a batch, with their ids. @throws ServiceError EmptyBatchRequest and its like */
export function batchEntries(
  input: JsonObject,
  kind: string,
): readonly { readonly id: string; readonly entry: JsonObject }[] {
  const given: Json = member(input, 'Entries') ?? [];
  if (!isArray(given) || given.length === 0)
    throw new ServiceError('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  if (given.length > MOST_ENTRIES)
    throw new ServiceError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${given.length}.`,
    );
  const entries = given.map((entry) => {
    if (!isObject(entry)) throw invalidParameter('Entries', entry, 'Must be a structure.');
    const id = text(entry, 'Id');
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id))
      throw new ServiceError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    return { id, entry };
  });
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (ids.has(id)) throw new ServiceError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    ids.add(id);
  }
  return entries;
}
