/** The context object of a tested state: the one that was sent, or one as an execution would have. */
import { randomUUID } from 'node:crypto';
import { formatTimestamp } from '../../asl/timestamp.ts';
import type { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import { refusal } from './mock.ts';
import type { Subject } from './subject.ts';

export interface ContextParams {
  readonly subject: Subject;
  readonly input: Value;
  readonly roleArn: string | undefined;
  readonly retryCount: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly region: string;
  readonly account: string;
}

/** The names in it are made up, and so is a task token where the state would get one. */
export function defaultContext({
  subject,
  input,
  roleArn,
  retryCount,
  at,
  region,
  account,
}: ContextParams): JsonObject {
  const { state, name } = subject;
  const machine = randomUUID();
  const execution = randomUUID();
  const arn = (rest: string): string => `arn:aws:states:${region}:${account}:${rest}`;
  const waits = state.type === 'Task' && state.resource.pattern === 'waitForTaskToken';
  return {
    Execution: {
      Id: arn(`express:${machine}:${execution}`),
      Input: input.json,
      Name: execution,
      ...(roleArn !== undefined && { RoleArn: roleArn }),
      StartTime: formatTimestamp(at),
    },
    StateMachine: { Id: arn(`stateMachine:${machine}`), Name: machine },
    State: { Name: name, EnteredTime: formatTimestamp(at), ...('retry' in state && { RetryCount: retryCount }) },
    ...(waits && { Task: { Token: randomUUID() } }),
  };
}

type Kind = 'string' | 'integer' | 'any' | { readonly [field: string]: Kind };

const FIELDS: { readonly [field: string]: Kind } = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'integer',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'integer' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

/** @throws ServiceError ValidationException, in AWS's words */
export function parseContext(text: string, { state }: Subject): JsonObject {
  const context = parse(text);
  if (member(context, 'Map') !== undefined) throw invalid("'Map' field is not supported when mocking a Context object");
  check(context, FIELDS, []);
  const getsToken = state.type === 'Task' && state.resource.pattern !== 'requestResponse';
  if (member(context, 'Task') !== undefined && !getsToken)
    throw invalid(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  return context;
}

function parse(text: string): JsonObject {
  let json: Json | undefined;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    // Said below.
  }
  if (json === undefined || !isObject(json)) throw invalid('Context object must be a valid JSON object');
  return json;
}

/** The article is AWS's, whatever comes behind it. */
function check(value: Json, kind: Kind, path: readonly string[]): void {
  if (kind === 'any') return;
  if (kind === 'string' || kind === 'integer') {
    const fits = kind === 'string' ? typeof value === 'string' : Number.isInteger(value);
    if (!fits) throw invalid(`${path.join('.')} must be a ${kind}`);
    return;
  }
  if (!isObject(value)) throw invalid(`${path.join('.')} must be a object`);
  for (const [field, inner] of Object.entries(value)) {
    const known = Object.hasOwn(kind, field) ? kind[field] : undefined;
    if (known === undefined) throw invalid(`Field '${field}' is not allowed`);
    check(inner, known, [...path, field]);
  }
}

function invalid(message: string): Error {
  return refusal(`Invalid Context object provided: ${message}`);
}
