/** What types a JSON Schema asks for, wherever it says so. */
import { isObject } from '../json.ts';
import { parsePointer } from '../records/index.ts';
import type { JsonType, ObjectSchema, PropertySchema } from './schema.ts';

/** References that lead in a circle say nothing. */
const DEEPEST = 32;

/** The types that the text of a column may become; none where nothing is said. */
export function typesOfColumn(schema: ObjectSchema, name: string): readonly JsonType[] {
  return typesOf(schema, Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined, 0);
}

function typesOf(root: ObjectSchema, schema: unknown, depth: number): readonly JsonType[] {
  if (!isObject(schema) || depth > DEEPEST) return [];
  const { type, enum: values, const: value } = schema as PropertySchema;
  if (typeof type === 'string') return [type];
  if (type !== undefined) return type;
  if (values !== undefined) return typesOfValues(values);
  if (value !== undefined) return typesOfValues([value]);
  const inner = (each: unknown): readonly JsonType[] => typesOf(root, each, depth + 1);
  const { $ref, allOf, anyOf, oneOf } = schema as { readonly [keyword: string]: unknown };
  const all = [...(typeof $ref === 'string' ? [resolve(root, $ref)] : []), ...listOf(allOf)].map(inner);
  const said = all.find((types) => types.length > 0);
  if (said) return said;
  const choices = [...listOf(anyOf), ...listOf(oneOf)].map(inner);
  return choices.every((types) => types.length > 0) ? [...new Set(choices.flat())] : [];
}

function typesOfValues(values: readonly unknown[]): readonly JsonType[] {
  return [...new Set(values.map((value) => (value === null ? 'null' : (typeof value as JsonType))))];
}

function listOf(schemas: unknown): readonly unknown[] {
  return Array.isArray(schemas) ? schemas : [];
}

/** What a reference within the schema leads to. @throws RecordError for one that is no pointer; such a schema does not compile */
function resolve(root: ObjectSchema, reference: string): unknown {
  const [before, pointer = ''] = reference.split('#');
  if (before !== '') return undefined;
  let found: unknown = root;
  for (const name of parsePointer(decodeURIComponent(pointer))) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as { readonly [name: string]: unknown })[name];
  }
  return found;
}
