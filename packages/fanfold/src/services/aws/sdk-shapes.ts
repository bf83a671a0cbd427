/**
 * Between what a Task state says and what a client of the AWS SDK takes: Step Functions writes every name with a capital, the clients
 * write them as each API does. The clients carry the shapes of their API, as numbers and lists (Smithy's schemas).
 */
import { isArray, isObject, type Json } from '../../json.ts';

/** As the clients have it; read by {@link kindOf} alone. */
export type SdkSchema = unknown;

type Kind =
  | { readonly kind: 'struct'; readonly members: ReadonlyMap<string, SdkSchema> }
  | { readonly kind: 'list' | 'map'; readonly of: SdkSchema }
  | { readonly kind: 'time' | 'bytes' | 'stream' | 'plain' };

/** A member that the API does not have. */
export class NoSuchMember extends Error {}

const STRUCTURES: ReadonlySet<unknown> = new Set([3, 4, -3]);
const TIMES: ReadonlySet<unknown> = new Set([4, 5, 6, 7]);
const [BYTES, STREAM, LIST, MAP] = [21, 42, 64, 128] as const;

function kindOf(schema: SdkSchema): Kind {
  if (typeof schema === 'function') return kindOf((schema as () => SdkSchema)());
  if (typeof schema === 'number') return simple(schema);
  if (!Array.isArray(schema)) return { kind: 'plain' };
  const [kind, namespace, , , first, second] = schema as readonly unknown[];
  // A member with traits: its schema, and what is said of it.
  if (typeof namespace !== 'string') return kindOf(kind);
  if (kind === 1) return { kind: 'list', of: first };
  if (kind === 2) return { kind: 'map', of: second };
  if (!STRUCTURES.has(kind)) return kindOf(first);
  const names = first as readonly string[];
  const types = second as readonly SdkSchema[];
  return { kind: 'struct', members: new Map(names.map((name, i) => [name, types[i]])) };
}

function simple(schema: number): Kind {
  if (schema >= MAP) return { kind: 'map', of: schema - MAP };
  if (schema >= LIST) return { kind: 'list', of: schema - LIST };
  if (schema === STREAM) return { kind: 'stream' };
  if (schema === BYTES) return { kind: 'bytes' };
  return { kind: TIMES.has(schema) ? 'time' : 'plain' };
}

/** @throws NoSuchMember */
export function toSdk(schema: SdkSchema, value: Json): unknown {
  const kind = kindOf(schema);
  switch (kind.kind) {
    case 'struct':
      if (!isObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          const name = [...kind.members.keys()].find((known) => capital(known) === key || known === key);
          if (name === undefined)
            throw new NoSuchMember(
              `There is no '${key}'. There are: ${[...kind.members.keys()].map(capital).join(', ')}.`,
            );
          return [name, toSdk(kind.members.get(name), one)];
        }),
      );
    case 'list':
      return isArray(value) ? value.map((one) => toSdk(kind.of, one)) : value;
    case 'map':
      if (!isObject(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toSdk(kind.of, one)]));
    case 'time':
      return typeof value === 'string' || typeof value === 'number' ? new Date(value) : value;
    case 'bytes':
      return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    case 'stream':
      return Buffer.from(JSON.stringify(value));
    case 'plain':
      return value;
    default:
      return kind satisfies never;
  }
}

/** An answer as the AWS SDK for Java names it; bytes and streams are texts. */
export async function fromSdk(schema: SdkSchema, value: unknown): Promise<Json> {
  const kind = kindOf(schema);
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (kind.kind === 'stream') return await (value as { transformToString(): Promise<string> }).transformToString();
  if (Array.isArray(value)) {
    const of = kind.kind === 'list' ? kind.of : undefined;
    return Promise.all(value.map((one) => fromSdk(of, one)));
  }
  if (typeof value !== 'object') return typeof value === 'bigint' ? Number(value) : (value as Json);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  const read = async ([key, one]: [string, unknown]): Promise<[string, Json]> => {
    if (kind.kind !== 'struct') return [key, await fromSdk(kind.kind === 'map' ? kind.of : undefined, one)];
    return [capital(key), await fromSdk(kind.members.get(key), one)];
  };
  return Object.fromEntries(await Promise.all(entries.filter(([key]) => key !== '$metadata').map(read)));
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
