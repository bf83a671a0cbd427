/**
 * `aws-sdk:sfn:<action>`: every action of the Step Functions API as a task. Parameters and results have the names that
 * the SDK for Java gives them; dates are texts, as AWS shows them.
 */
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { sdkFailure } from '../sdk-failure.ts';

export interface SdkServiceParams {
  /** Calls an action, with the names of the wire. @throws ServiceError */
  readonly call: (action: string, input: JsonObject, signal: AbortSignal) => Promise<JsonObject>;
  readonly region: string;
  readonly account: string;
}

/** Members that are JSON text: given as JSON, they are written as text. */
const TEXTS: ReadonlySet<string> = new Set(['cause', 'context', 'definition', 'input', 'output', 'variables']);

export function createSdkService({ call, region, account }: SdkServiceParams): Service {
  const own = (value: Json): Json =>
    typeof value === 'string'
      ? value.replace(/^arn:[^:]*:states:[^:]*:[^:]*:/, `arn:aws:states:${region}:${account}:`)
      : value;

  /** In a definition an ARN is known by what it names, whatever partition, region and account stand before it. */
  const requestOf = (parameters: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => {
        const name = lowerFirst(key);
        if (TEXTS.has(name) && typeof value !== 'string' && value !== null) return [name, JSON.stringify(value)];
        return [name, name.endsWith('Arn') ? own(value) : renamed(value, lowerFirst)];
      }),
    );

  return {
    perform: async ({ resource, parameters: { json }, signal }) => {
      const action = upperFirst(parseResource(resource)?.action.replace(/\..*/, '') ?? '');
      if (!isObject(json)) return failed('States.Runtime', `The Parameters of ${resource} must be an object.`);
      try {
        const answer = await call(action, requestOf(json), signal);
        return { kind: 'succeeded', output: Value.ofJson(renamed(answer, upperFirst)) };
      } catch (error) {
        if (error instanceof ServiceError) return sdkFailure({ service: 'Sfn' }, error);
        throw error;
      }
    },
  };
}

/** The names of all members changed; dates, which are seconds on the wire, become texts. */
function renamed(value: Json, rename: (name: string) => string): Json {
  if (isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      rename(key),
      typeof member === 'number' && /(Date|^timestamp)$/.test(key)
        ? new Date(Math.round(member * 1000)).toISOString()
        : renamed(member, rename),
    ]),
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
