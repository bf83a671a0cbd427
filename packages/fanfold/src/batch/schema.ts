/**
 * What a record must look like: a JSON Schema, or any schema that speaks Standard Schema (zod, valibot, arktype…). The
 * type of a record follows from it.
 */
import type { Json, JsonObject } from '../json.ts';
import type { InputFormat } from './input/format.ts';

/** The part of Standard Schema (version 1) that is used; no library is needed for it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A JSON Schema of an object, written as a literal. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: PropertySchema };
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

export interface PropertySchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly [keyword: string]: unknown;
}

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';

export type Schema = ObjectSchema | StandardSchema;

/** A record of a file for which there is no schema: the text of each column, by its name. */
export type TextRecord = { readonly [column: string]: string };

/** The type of the records that a schema lets through. */
export type RecordOf<S extends Schema | undefined, F extends InputFormat = 'csv'> =
  S extends StandardSchema<infer Output>
    ? Output
    : S extends ObjectSchema
      ? OfObject<S>
      : F extends 'csv'
        ? TextRecord
        : JsonObject;

type OfObject<S extends ObjectSchema> = {
  readonly [Name in keyof S['properties'] & RequiredOf<S>]: OfProperty<S['properties'][Name]>;
} & {
  readonly [Name in Exclude<keyof S['properties'], RequiredOf<S>>]?: OfProperty<S['properties'][Name]>;
};

type RequiredOf<S extends ObjectSchema> = S['required'] extends readonly (infer Name)[] ? Name : never;

type OfProperty<P extends PropertySchema> = P extends { readonly const: infer Value }
  ? Value
  : P extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : P extends { readonly type: readonly (infer Type)[] }
      ? OfType<Type>
      : P extends { readonly type: infer Type }
        ? OfType<Type>
        : Json;

type OfType<Type> = Type extends 'string'
  ? string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? readonly Json[]
          : Type extends 'object'
            ? JsonObject
            : Json;

export function isStandardSchema(schema: Schema): schema is StandardSchema {
  return '~standard' in schema;
}
