/** A batch's JSON Schema: what is wrong with it, and the function that checks records by it. */
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { BatchError } from './errors.ts';
import { validate as validateDraft07 } from './generated/draft-07.js';
import { show } from './problem-texts.ts';
import { isStandardSchema, type ObjectSchema, type Schema } from './schema.ts';

/** Keywords that are not known are refused, as they would check nothing; of tenths and hundredths there are multiples. */
const OPTIONS: Options = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  multipleOfPrecision: 6,
  validateSchema: false,
  logger: false,
};
/** Problems of one schema that are told at once. */
const MOST_TOLD = 5;

/** By schema: the chunks of a run share what was compiled for the first of them. */
const compiled = new WeakMap<ObjectSchema, Promise<ValidateFunction>>();

/** @throws BatchError Fanfold.BadModule for a schema that is none */
export function compileSchema(schema: ObjectSchema): Promise<ValidateFunction> {
  const made = compiled.get(schema) ?? compileNow(schema);
  compiled.set(schema, made);
  return made;
}

async function compileNow(schema: ObjectSchema): Promise<ValidateFunction> {
  const result = await tryToCompile(schema);
  if ('validate' in result) return result.validate;
  const problems = result.problems.join(' ');
  throw new BatchError('Fanfold.BadModule', `The schema of the batch is no JSON Schema. ${problems}`);
}

/** What is wrong with a JSON Schema, as sentences; each says where, and what stands there. */
export async function schemaProblems(schema: Schema | undefined): Promise<readonly string[]> {
  if (schema === undefined || isStandardSchema(schema)) return [];
  const result = await tryToCompile(schema);
  return 'problems' in result ? result.problems : [];
}

type Compiled = { readonly validate: ValidateFunction } | { readonly problems: readonly string[] };

async function tryToCompile(schema: ObjectSchema): Promise<Compiled> {
  const draft = draftOf(schema['$schema']);
  if (!draft)
    return {
      problems: [`schema.$schema is ${show(schema['$schema'])}. Use draft 7, 2019-09 or 2020-12, or leave it out.`],
    };
  if (schema['$async'] !== undefined)
    return {
      problems: [`schema.$async is ${show(schema['$async'])}. Leave it out; a Standard Schema may be asynchronous.`],
    };
  const ajv = await ajvOf(draft);
  let errors: readonly ErrorObject[];
  try {
    errors = schemaErrors(ajv, draft, schema);
    if (errors.length === 0) return { validate: ajv.compile(schema) };
  } catch (error) {
    return { problems: (await strictProblems(schema, draft, (error as Error).message)).slice(0, MOST_TOLD) };
  }
  const problems = new Map<string, string>();
  for (const error of errors)
    if (!problems.has(error.instancePath)) problems.set(error.instancePath, problemOf(error, schema));
  // What is wrong deep inside makes wrong what it is in.
  const places = [...problems.keys()].filter((place, _, all) => !all.some((other) => other.startsWith(`${place}/`)));
  return { problems: places.slice(0, MOST_TOLD).map((place) => problems.get(place) as string) };
}

/** What the schema of schemas has to say about it. Draft 7's, which is most asked for, was compiled when Fanfold was built. */
function schemaErrors(ajv: Ajv, draft: Draft, schema: ObjectSchema): readonly ErrorObject[] {
  if (draft !== 'draft-07') return ajv.validateSchema(schema) === true ? [] : (ajv.errors ?? []);
  return validateDraft07(schema) ? [] : (validateDraft07.errors ?? []);
}

function problemOf(
  { instancePath, keyword, params, message = 'is invalid' }: ErrorObject,
  schema: ObjectSchema,
): string {
  const names = namesIn(instancePath);
  let value: unknown = schema;
  for (const name of names) value = (value as Readonly<Record<string, unknown>>)[name];
  return `${placeOf(names)} is ${show(value)}: it ${allowed(keyword, params) ?? message}.`;
}

/** What no schema of schemas knows of: keywords and formats that there are not, references that lead nowhere, patterns that are none. */
async function strictProblems(schema: ObjectSchema, draft: Draft, whole: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const { required: _, ...rest } = schema;
  for (const [name, property] of Object.entries(schema.properties)) {
    const told = await refusal({ ...rest, properties: { [name]: property } }, draft);
    const others = told === undefined ? undefined : await refusal({ ...rest, properties: {} }, draft);
    if (told !== undefined && others === undefined)
      problems.push(`${placeOf(['properties', name])} is ${show(property)}: ${told}. Correct it.`);
  }
  return problems.length > 0 ? problems : [`schema: ${whole}. Correct it.`];
}

async function refusal(schema: ObjectSchema, draft: Draft): Promise<string | undefined> {
  try {
    (await ajvOf(draft)).compile(schema);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function placeOf(names: readonly string[]): string {
  return ['schema', ...names].join('.');
}

/** The names in a JSON pointer. */
export function namesIn(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What a value must be of which only some are allowed. */
export function allowed(keyword: string, params: ErrorObject['params']): string | undefined {
  if (keyword !== 'enum') return undefined;
  return `must be one of ${(params['allowedValues'] as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
}

type Draft = 'draft-07' | '2019-09' | '2020-12';

/** The draft that a schema is written in; draft 7 where it does not say. Undefined for one that is not known. */
function draftOf(named: unknown): Draft | undefined {
  if (named === undefined) return 'draft-07';
  return typeof named === 'string' ? (/2020-12|2019-09|draft-07/.exec(named)?.[0] as Draft | undefined) : undefined;
}

async function ajvOf(draft: Draft): Promise<Ajv> {
  const ajv =
    draft === '2020-12'
      ? new (await import('ajv/dist/2020.js')).Ajv2020(OPTIONS)
      : draft === '2019-09'
        ? new (await import('ajv/dist/2019.js')).Ajv2019(OPTIONS)
        : new (await import('ajv')).Ajv(OPTIONS);
  const { default: addFormats } = await import('ajv-formats');
  addFormats.default(ajv);
  return ajv;
}
