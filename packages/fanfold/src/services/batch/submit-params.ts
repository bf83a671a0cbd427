/** The Parameters of `batch:submitJob`. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { ExitRule } from '../../ports/jobs.ts';
import type { Result } from '../../result.ts';

export interface SubmitJobParams {
  readonly jobName: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly vcpus?: number;
  /** MiB */
  readonly memory?: number;
  readonly attempts?: number;
  readonly exitRules?: readonly ExitRule[];
  readonly timeoutSeconds?: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A field, and how its value is read; what has none here is refused by name. */
const FIELDS = [
  'JobName',
  'JobQueue',
  'JobDefinition',
  'Parameters',
  'ContainerOverrides',
  'RetryStrategy',
  'Timeout',
  'Tags',
  'PropagateTags',
];

const LATER: Readonly<Record<string, string>> = {
  ArrayProperties: 'Array jobs are',
  DependsOn: 'Dependencies between jobs are',
  NodeOverrides: 'Multi-node jobs are',
  EksPropertiesOverride: 'Batch jobs on EKS are',
  EcsPropertiesOverride: 'Batch jobs of several containers are',
  ShareIdentifier: 'Fair-share scheduling is',
  SchedulingPriorityOverride: 'Fair-share scheduling is',
};

/** Of one EvaluateOnExit, as on AWS. */
const MOST_RULES = 5;

class Unreadable extends Error {}

/** @returns what is wrong with them, as a text */
export function readSubmitParams(json: Json): Result<SubmitJobParams, string> {
  try {
    return { ok: true, value: read(object(json, 'Parameters', FIELDS)) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, error: error.message };
    throw error;
  }
}

function read(json: JsonObject): SubmitJobParams {
  const overrides = object(json['ContainerOverrides'] ?? {}, 'ContainerOverrides', [
    'Command',
    'Environment',
    'ResourceRequirements',
    'Vcpus',
    'Memory',
  ]);
  const retry = object(json['RetryStrategy'] ?? {}, 'RetryStrategy', ['Attempts', 'EvaluateOnExit']);
  const timeout = object(json['Timeout'] ?? {}, 'Timeout', ['AttemptDurationSeconds']);
  const requirements = resources(overrides['ResourceRequirements']);
  const vcpus = requirements['VCPU'] ?? optionalNumber(overrides['Vcpus'], 'Vcpus', 0.001);
  const memory = requirements['MEMORY'] ?? optionalWhole(overrides['Memory'], 'Memory', 1);
  const attempts = optionalWhole(retry['Attempts'], 'RetryStrategy.Attempts', 1, 10);
  const timeoutSeconds = optionalWhole(timeout['AttemptDurationSeconds'], 'Timeout.AttemptDurationSeconds', 1);
  const rules = retry['EvaluateOnExit'];
  if (Array.isArray(rules) && rules.length > MOST_RULES)
    throw new Unreadable(`EvaluateOnExit takes ${MOST_RULES} rules at most, not ${rules.length}.`);
  return {
    jobName: text(json['JobName'], 'JobName'),
    jobQueue: text(json['JobQueue'], 'JobQueue'),
    jobDefinition: text(json['JobDefinition'], 'JobDefinition'),
    parameters: texts(json['Parameters'], 'Parameters'),
    ...(overrides['Command'] !== undefined && {
      command: list(overrides['Command'], 'Command').map((each) => scalar(each, 'Command')),
    }),
    environment: Object.fromEntries(pairs(overrides['Environment'])),
    ...(vcpus !== undefined && { vcpus }),
    ...(memory !== undefined && { memory }),
    ...(attempts !== undefined && { attempts }),
    ...(rules !== undefined && { exitRules: list(rules, 'EvaluateOnExit').map(exitRule) }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    tags: texts(json['Tags'], 'Tags'),
  };
}

function resources(json: Json | undefined): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const each of json === undefined ? [] : list(json, 'ResourceRequirements')) {
    const { Type, Value } = object(each, 'ResourceRequirements', ['Type', 'Value']);
    if (Type !== 'VCPU' && Type !== 'MEMORY')
      throw new Unreadable(`The resource '${String(Type)}' is not available here. Available are: VCPU, MEMORY.`);
    const text = scalar(Value, Type);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const isFit = Type === 'VCPU' ? value >= 0.001 : Number.isInteger(value) && value >= 1;
    if (!isFit || value > 1e9)
      throw new Unreadable(
        `The resource '${Type}' must be ${Type === 'VCPU' ? 'a number from 0.001' : 'a whole number of MiB from 1'}, not '${text}'.`,
      );
    all[Type] = value;
  }
  return all;
}

function pairs(json: Json | undefined): [string, string][] {
  return (json === undefined ? [] : list(json, 'Environment')).map((each) => {
    const { Name, Value } = object(each, 'Environment', ['Name', 'Value']);
    return [text(Name, 'Environment.Name'), scalar(Value ?? '', 'Environment.Value')];
  });
}

function exitRule(json: Json): ExitRule {
  const rule = object(json, 'EvaluateOnExit', ['Action', 'OnExitCode', 'OnReason', 'OnStatusReason']);
  const action = text(rule['Action'], 'EvaluateOnExit.Action').toUpperCase();
  if (action !== 'RETRY' && action !== 'EXIT')
    throw new Unreadable(`The Action of EvaluateOnExit must be RETRY or EXIT, not '${action}'.`);
  const pattern = (field: string): string | null => {
    const value = rule[field];
    return value === undefined ? null : scalar(value, `EvaluateOnExit.${field}`);
  };
  return {
    exitCode: pattern('OnExitCode'),
    reason: pattern('OnReason'),
    statusReason: pattern('OnStatusReason'),
    action,
  };
}

function object(json: Json | undefined, at: string, fields: readonly string[]): JsonObject {
  if (!isObject(json)) throw new Unreadable(`${at} of submitJob must be an object.`);
  for (const field of Object.keys(json)) {
    if (fields.includes(field)) continue;
    const later = Object.hasOwn(LATER, field) ? `${LATER[field]} not available here yet.` : '';
    throw new Unreadable(`The field '${field}' of ${at} is not supported by submitJob. ${later}`.trim());
  }
  return json;
}

function list(json: Json, at: string): readonly Json[] {
  if (!Array.isArray(json)) throw new Unreadable(`${at} must be a list.`);
  return json;
}

function text(json: Json | undefined, at: string): string {
  if (json === undefined) throw new Unreadable(`The field '${at}' is required but was missing`);
  if (typeof json !== 'string') throw new Unreadable(`The field '${at}' must be a string.`);
  return json;
}

function texts(json: Json | undefined, at: string): Readonly<Record<string, string>> {
  if (json === undefined) return {};
  if (!isObject(json)) throw new Unreadable(`${at} must be an object.`);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, scalar(value, `${at}.${key}`)]));
}

/** Numbers and booleans are taken as texts, as AWS does. */
function scalar(json: Json | undefined, at: string): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  throw new Unreadable(`The field '${at}' must be a string.`);
}

function optionalNumber(json: Json | undefined, at: string, least: number, most = 1e9): number | undefined {
  if (json === undefined) return undefined;
  if (typeof json === 'number' && json >= least && json <= most) return json;
  throw new Unreadable(`The field '${at}' must be a number from ${least} to ${most}, not ${JSON.stringify(json)}.`);
}

function optionalWhole(json: Json | undefined, at: string, least: number, most?: number): number | undefined {
  const number = optionalNumber(json, at, least, most);
  if (number === undefined || Number.isInteger(number)) return number;
  throw new Unreadable(`The field '${at}' must be a whole number, not ${number}.`);
}
