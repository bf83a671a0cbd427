/** Reads the text of a definition and checks its shape: fields, transitions, and that every state can be reached. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Definition, StateType } from './definition.ts';
import {
  BLOCK_FIELDS,
  CATCHER_FIELDS,
  type FieldCheck,
  type Fields,
  MACHINE_FIELDS,
  PROCESSOR_CONFIG_FIELDS,
  PROCESSOR_FIELDS,
  RETRIER_FIELDS,
  STATE_FIELDS,
} from './fields.ts';
import type { Finding } from './finding.ts';

/** How deep states may stand in Parallel and Map states, and JSON in JSON: all that walks a definition stays far from the stack's end. */
const MAX_BLOCKS = 32;
const MAX_LEVELS = 500;

function tooDeep(location: string, what: string): Finding {
  return { severity: 'ERROR', code: 'TOO_DEEPLY_NESTED', message: `The definition is ${what}`, location };
}

/** Level by level, so that no depth can exhaust the stack. */
function isDeeperThan(json: Json, levels: number): boolean {
  let level: readonly Json[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((value) => (isArray(value) ? value : isObject(value) ? Object.values(value) : []));
  }
  return false;
}

/** Every finding at once; a definition with errors gives none of its parts away. */
export function parseDefinition(text: string): Result<Definition, readonly Finding[]> {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (error) {
    return fail([
      { severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: (error as Error).message, location: '/' },
    ]);
  }
  if (isDeeperThan(json, MAX_LEVELS)) return fail([tooDeep('/', `JSON nested more than ${MAX_LEVELS} levels deep`)]);
  const check = new Check();
  check.block(json, '', MACHINE_FIELDS);
  return check.findings.length > 0 ? fail(check.findings) : ok(json as unknown as Definition);
}

/** Gathers findings while it walks a definition. */
class Check {
  readonly findings: Finding[] = [];
  readonly #names = new Set<string>();
  #blocks = 0;

  block(json: Json | undefined, location: string, fields: Fields): void {
    if (this.#blocks > MAX_BLOCKS) {
      this.findings.push(tooDeep(location, `nested more than ${MAX_BLOCKS} Parallel and Map states deep`));
      return;
    }
    this.#blocks += 1;
    this.blockInside(json, location, fields);
    this.#blocks -= 1;
  }

  blockInside(json: Json | undefined, location: string, fields: Fields): void {
    if (!this.shape(json, location, fields)) return;
    const states = json['States'];
    if (!isObject(states)) return;
    if (Object.keys(states).length === 0)
      this.add('SCHEMA_VALIDATION_FAILED', 'Value cannot be empty', `${location}/States`);
    for (const [name, state] of Object.entries(states)) this.state(name, state, `${location}/States/${name}`);
    this.reach(json['StartAt'], states, location);
  }

  /** Whether the value is an object with the fields it may and must have. */
  shape(json: Json | undefined, location: string, { required, fields, exclusive }: Fields): json is JsonObject {
    if (!isObject(json)) {
      this.add('SCHEMA_VALIDATION_FAILED', 'an object is needed', location || '/');
      return false;
    }
    const missing = required.filter((field) => !Object.hasOwn(json, field));
    if (missing.length > 0)
      this.add('SCHEMA_VALIDATION_FAILED', `These fields are required: [${missing.join(', ')}]`, location || '/');
    for (const [field, value] of Object.entries(json)) {
      const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (!check) this.add('SCHEMA_VALIDATION_FAILED', `Field '${field}' is not supported`, `${location}/${field}`);
      else if (!check.test(value)) this.add('SCHEMA_VALIDATION_FAILED', problem(value, check), `${location}/${field}`);
    }
    for (const group of exclusive ?? []) {
      const given = group.filter((field) => Object.hasOwn(json, field));
      if (given.length > 1)
        this.add('SCHEMA_VALIDATION_FAILED', `Only one of [${given.join(', ')}] may be given`, location);
    }
    return true;
  }

  state(name: string, state: Json, location: string): void {
    if (this.#names.has(name)) this.add('DUPLICATE_STATE_NAME', `The state name '${name}' is used twice`, location);
    this.#names.add(name);
    if (name.length > 80) this.add('INVALID_STATE_NAME', 'A state name has at most 80 characters', location);
    const type = isObject(state) ? state['Type'] : undefined;
    const fields =
      typeof type === 'string' && Object.hasOwn(STATE_FIELDS, type) ? STATE_FIELDS[type as StateType] : undefined;
    if (!fields) {
      this.add(
        'SCHEMA_VALIDATION_FAILED',
        `Type must be one of ${Object.keys(STATE_FIELDS).join(', ')}`,
        `${location}/Type`,
      );
      return;
    }
    if (!this.shape(state, location, fields)) return;
    this.flow(state, location);
    this.handlers(state, location);
    if (type === 'Task') this.less(state, 'HeartbeatSeconds', 'TimeoutSeconds', location);
    if (type === 'Parallel') {
      for (const [i, branch] of listOf(state['Branches']).entries())
        this.block(branch, `${location}/Branches[${i}]`, BLOCK_FIELDS);
    }
    if (type === 'Map') this.map(state, location);
    if (type === 'Choice') this.choices(state, location);
    if (
      type === 'Wait' &&
      !['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].some((field) => Object.hasOwn(state, field))
    )
      this.add(
        'SCHEMA_VALIDATION_FAILED',
        'One of [Seconds, SecondsPath, Timestamp, TimestampPath] is required',
        location,
      );
  }

  flow(state: JsonObject, location: string): void {
    const ends = ['Choice', 'Succeed', 'Fail'].includes(state['Type'] as string);
    if (ends || typeof state['Next'] === 'string' || state['End'] === true) return;
    this.add('SCHEMA_VALIDATION_FAILED', 'One of [Next, End: true] is required', location);
  }

  handlers(state: JsonObject, location: string): void {
    for (const [i, retrier] of listOf(state['Retry']).entries()) {
      if (this.shape(retrier, `${location}/Retry[${i}]`, RETRIER_FIELDS))
        this.less(retrier, 'IntervalSeconds', 'MaxDelaySeconds', `${location}/Retry[${i}]/MaxDelaySeconds`);
      this.catchAll(retrier, i, listOf(state['Retry']).length, `${location}/Retry[${i}]`);
    }
    for (const [i, catcher] of listOf(state['Catch']).entries()) {
      this.shape(catcher, `${location}/Catch[${i}]`, CATCHER_FIELDS);
      this.catchAll(catcher, i, listOf(state['Catch']).length, `${location}/Catch[${i}]`);
    }
  }

  /** Where both fields are given, the first must be less than the second. */
  less(json: JsonObject, first: string, second: string, location: string): void {
    const [a, b] = [json[first], json[second]];
    if (typeof a === 'number' && typeof b === 'number' && a >= b)
      this.add('SCHEMA_VALIDATION_FAILED', `${first} must be less than ${second}`, location);
  }

  /** States.ALL stands alone and last (ASL, errors). */
  catchAll(handler: Json, i: number, count: number, location: string): void {
    const errors = isObject(handler) ? listOf(handler['ErrorEquals']) : [];
    if (!errors.includes('States.ALL')) return;
    if (errors.length > 1)
      this.add('SCHEMA_VALIDATION_FAILED', 'States.ALL must stand alone', `${location}/ErrorEquals`);
    if (i !== count - 1) this.add('SCHEMA_VALIDATION_FAILED', 'States.ALL must come last', location);
  }

  map(state: JsonObject, location: string): void {
    const field = Object.hasOwn(state, 'Iterator') ? 'Iterator' : 'ItemProcessor';
    if (!Object.hasOwn(state, field)) {
      this.add('SCHEMA_VALIDATION_FAILED', 'These fields are required: [ItemProcessor]', location);
      return;
    }
    const processor = state[field];
    this.block(processor, `${location}/${field}`, PROCESSOR_FIELDS);
    if (isObject(processor) && Object.hasOwn(processor, 'ProcessorConfig'))
      this.shape(processor['ProcessorConfig'], `${location}/${field}/ProcessorConfig`, PROCESSOR_CONFIG_FIELDS);
  }

  choices(state: JsonObject, location: string): void {
    for (const [i, choice] of listOf(state['Choices']).entries()) {
      if (isObject(choice) && typeof choice['Next'] !== 'string')
        this.add('SCHEMA_VALIDATION_FAILED', 'These fields are required: [Next]', `${location}/Choices[${i}]`);
    }
  }

  /** Every transition leads to a state of the block, every state is reached from StartAt, and one of them ends. */
  reach(startAt: Json | undefined, states: JsonObject, location: string): void {
    const reached = new Set<string>();
    const queue: Transition[] = typeof startAt === 'string' ? [{ to: startAt, location: `${location}/StartAt` }] : [];
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { to, location: from } = next;
      const state = Object.hasOwn(states, to) ? states[to] : undefined;
      if (state === undefined) {
        this.add('MISSING_TRANSITION_TARGET', `Missing '${field(from)}' target: ${to}`, from);
        continue;
      }
      if (reached.has(to)) continue;
      reached.add(to);
      if (isObject(state)) queue.push(...transitions(state, `${location}/States/${to}`));
    }
    for (const name of Object.keys(states)) {
      if (!reached.has(name))
        this.add('UNREACHABLE_STATE', `The state '${name}' cannot be reached`, `${location}/States/${name}`);
    }
    const ends = Object.values(states).some(
      (state) => isObject(state) && (state['End'] === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail'),
    );
    if (!ends)
      this.add(
        'MISSING_END_STATE',
        'No state ends the machine: one needs "End": true, or to be a Succeed or Fail state',
        `${location}/States`,
      );
  }

  add(code: string, message: string, location: string): void {
    this.findings.push({ severity: 'ERROR', code, message, location });
  }
}

function problem(value: Json, { wanted }: FieldCheck): string {
  return isArray(value) && value.length === 0 ? 'Value cannot be empty' : `Value is not valid, ${wanted} is needed`;
}

interface Transition {
  readonly to: string;
  readonly location: string;
}

function transitions(state: JsonObject, location: string): Transition[] {
  const found: Transition[] = [];
  const add = (to: Json | undefined, at: string): void => {
    if (typeof to === 'string') found.push({ to, location: `${location}/${at}` });
  };
  add(state['Next'], 'Next');
  add(state['Default'], 'Default');
  for (const list of ['Choices', 'Catch']) {
    for (const [i, item] of listOf(state[list]).entries()) if (isObject(item)) add(item['Next'], `${list}[${i}]/Next`);
  }
  return found;
}

function listOf(value: Json | undefined): readonly Json[] {
  return value !== undefined && isArray(value) ? value : [];
}

function field(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1);
}
