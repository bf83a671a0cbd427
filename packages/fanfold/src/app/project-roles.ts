/** Who works for a project, and what each may do: what is written for it, or what follows from its settings. */
import type { Place } from '../access/call-access.ts';
import { type NamedThings, policyOfNames } from '../access/derive.ts';
import { EVERYTHING, type Policy, type Role } from '../access/policy.ts';
import { readPolicy, type StatementSettings } from '../access/read-policy.ts';
import type { IssuedKey } from '../server/callers.ts';
import { type Credentials, issueKey } from './credentials.ts';
import type { ProjectDefinition } from './define-project.ts';

export interface ProjectRoles {
  ofFunction(name: string): Role;
  /** @param name as `jobDefinitions` has it; undefined for a job that has no definition here */
  ofJob(name: string | undefined): Role;
  ofStateMachine(name: string): Role;
  ofApi(name: string): Role;
  byName(name: string): Role | undefined;
  keyOf(accessKeyId: string): IssuedKey | undefined;
  /** The names of the roles that may invoke a function; undefined is all. */
  invokers(functionName: string): readonly string[] | undefined;
  /**
   * The topics, rules and buckets that may: those that the function names, and those that lead to it in the project file;
   * undefined is all.
   */
  sources(functionName: string): readonly string[] | undefined;
}

/** Functions without a policy of their own share this role, and so their workers. */
const FUNCTIONS = 'functions';
const JOBS = 'jobs';

export function projectRoles(definition: ProjectDefinition, credentials: Credentials, place: Place): ProjectRoles {
  const isLeast = definition.access === 'least';
  const things = namedThings(definition);
  const roles = new Map<string, Role>();
  const role = (name: string, policy: Policy): Role => {
    const made = roles.get(name) ?? { name, policy };
    roles.set(name, made);
    return made;
  };
  const written = (
    name: string,
    shared: string,
    settings: {
      readonly policy?: readonly StatementSettings[];
      readonly environment?: Readonly<Record<string, string>>;
    },
  ): Role => {
    if (settings.policy) return role(name, readPolicy(settings.policy));
    if (!isLeast) return role(isNamedByBucket(definition, name) ? name : shared, EVERYTHING);
    return role(name, policyOfNames(Object.values(settings.environment ?? {}), things, place));
  };
  const each = <T>(
    record: Readonly<Record<string, T>> | undefined,
    make: (name: string, value: T) => Role,
  ): Map<string, Role> => new Map(Object.entries(record ?? {}).map(([name, value]) => [name, make(name, value)]));

  const functions = each(definition.functions, (name, settings) => written(`function:${name}`, FUNCTIONS, settings));
  const jobs = each(definition.jobDefinitions, (name, settings) => written(`job:${name}`, JOBS, settings));
  const machines = each(definition.stateMachines, (name, { policy }) =>
    role(`stateMachine:${name}`, policy ? readPolicy(policy) : EVERYTHING),
  );
  const plain = (name: string, shared: string): Role => role(isLeast ? name : shared, isLeast ? [] : EVERYTHING);
  const others = plain(JOBS, JOBS);
  const keys = new Map<string, IssuedKey>(
    [...functions.values(), ...jobs.values(), others].map((held) => {
      const { accessKeyId, secretAccessKey } = issueKey(credentials, held.name);
      return [accessKeyId, { secretAccessKey, role: held }];
    }),
  );
  const leading = leadingToFunctions(definition);
  return {
    ofFunction: (name) => functions.get(name) ?? plain(`function:${name}`, FUNCTIONS),
    ofJob: (name) => (name === undefined ? undefined : jobs.get(name)) ?? others,
    ofStateMachine: (name) => machines.get(name) ?? role(`stateMachine:${name}`, EVERYTHING),
    ofApi: (name) => role(`api:${name}`, EVERYTHING),
    byName: (name) => roles.get(name),
    keyOf: (accessKeyId) => keys.get(accessKeyId),
    invokers: (name) => definition.functions?.[name]?.invokedBy,
    sources: (name) => {
      const written = definition.functions?.[name]?.invokedBy;
      if (!written && !isLeast) return undefined;
      return [...(written ?? []), ...(leading.get(name) ?? [])];
    },
  };
}

/** Whether there is such a role, which a bucket's policy may name; a state machine may come later, over the wire. */
export function hasRole(definition: ProjectDefinition, name: string): boolean {
  const isLeast = definition.access === 'least';
  const [, kind = '', of = ''] = /^([^:]+):(.+)$/.exec(name) ?? [];
  const { functions = {}, jobDefinitions = {}, apis = {} } = definition;
  if (kind === '') return name === JOBS || (name === FUNCTIONS && !isLeast);
  if (kind === 'stateMachine') return true;
  if (kind === 'api') return Object.hasOwn(apis, of);
  const all = kind === 'function' ? functions : kind === 'job' ? jobDefinitions : {};
  const own = Object.hasOwn(all, of) ? all[of] : undefined;
  return own !== undefined && (own.policy !== undefined || isLeast || isNamedByBucket(definition, name));
}

/** Whom a bucket's policy in the project file names has a role of its own. */
function isNamedByBucket({ buckets = {} }: ProjectDefinition, name: string): boolean {
  return JSON.stringify(Object.values(buckets).map(({ policy }) => policy)).includes(`:role/${name}"`);
}

/** Function -> the topics and rules of the project file that it is told by. */
function leadingToFunctions({ topics = {}, rules = {} }: ProjectDefinition): ReadonlyMap<string, readonly string[]> {
  const pairs = [
    ...Object.entries(topics).flatMap(([topic, { subscriptions = [] }]) =>
      subscriptions.map((one) => ({ to: one.function, source: `topic:${topic}` })),
    ),
    ...Object.entries(rules).flatMap(([rule, { targets }]) =>
      targets.map((one) => ({ to: one.function, source: `rule:${rule}` })),
    ),
  ];
  const named = Map.groupBy(pairs, ({ to = '' }) => to);
  return new Map([...named].map(([name, found]) => [name, found.map(({ source }) => source)]));
}

/** What can be called by a name in an environment variable. */
export function namedThings(definition: ProjectDefinition): NamedThings {
  const { buckets, tables, queues, topics, stateMachines, functions } = definition;
  const names = (record: object | undefined): string[] => Object.keys(record ?? {});
  return {
    buckets: names(buckets),
    tables: names(tables),
    queues: names(queues),
    topics: names(topics),
    stateMachines: names(stateMachines),
    functions: names(functions),
  };
}
