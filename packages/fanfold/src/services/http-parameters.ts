/** What the parameters of tasks that make HTTP requests have in common. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';

export type ParameterFields = Readonly<Record<string, { readonly required?: true; fits(value: Json): boolean }>>;

export const HEADER_NAME: RegExp = /^[!#$%&'*+.^`|~\w-]+$/;
export const HEADER_VALUE: RegExp = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Those that the HTTP client or the service set; AWS refuses them too. */
const RESERVED_HEADERS = new Set(
  (
    'authorization connection content-length content-md5 date expect host max-forwards proxy-authenticate server te ' +
    'trailer transfer-encoding upgrade via www-authenticate'
  ).split(' '),
);
const RESERVED_PREFIXES = /^x-(?:forwarded|amz|amzn)(?:-|$)/;

export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED_HEADERS.has(lower) || RESERVED_PREFIXES.test(lower);
}

/** The failure is AWS's list of what is wrong, in its words. */
export function checkParameters(fields: ParameterFields, parameters: Json): Result<JsonObject, string> {
  const given = isObject(parameters) ? parameters : {};
  const problems = [
    ...Object.entries(fields)
      .filter(([name, { required }]) => required && !Object.hasOwn(given, name))
      .map(([name]) => `The field '${name}' is required but was missing`),
    ...Object.entries(given).flatMap(([name, value]) => problemOf(fields, name, value)),
  ];
  if (problems.length === 0) return ok(given);
  const shown = JSON.stringify(parameters).slice(0, 1000);
  return fail(`The Parameters '${shown}' could not be used to start the Task: [${problems.join(', ')}]`);
}

function problemOf(fields: ParameterFields, name: string, value: Json): readonly string[] {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) return [`The field '${name}' is not supported by Step Functions`];
  return field.fits(value) ? [] : [`The value of the field '${name}' has an invalid format`];
}
