/** Aliases of state machines: names that lead to one or two versions, by weight. */
import { ServiceError } from '../../ports/service-error.ts';
import type { AliasParams, Route, StateMachineAlias, StateMachineRecord } from '../../ports/state-machines.ts';
import { splitMachineArn, versionNumber } from '../../state-machine-arn.ts';

/** AWS's quota. */
const MOST_ALIASES = 100;

/** Gives the machine an alias. The same alias again changes nothing. @throws ServiceError ConflictException */
export function withAlias(
  record: StateMachineRecord,
  wanted: { readonly name: string; readonly description: string | null; readonly routes: readonly Route[] },
  at: number,
): { readonly record: StateMachineRecord; readonly alias: StateMachineAlias } {
  const existing = record.aliases.find(({ name }) => name === wanted.name);
  if (existing && existing.description === wanted.description && equalRoutes(existing.routes, wanted.routes))
    return { record, alias: existing };
  if (existing)
    throw new ServiceError(
      'ConflictException',
      'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
    );
  if (record.aliases.length >= MOST_ALIASES)
    throw new ServiceError(
      'ServiceQuotaExceededException',
      `A state machine can have ${MOST_ALIASES} aliases at most: '${record.arn}'. Delete one that is not needed.`,
    );
  const alias = { ...wanted, createdAt: at, updatedAt: at };
  return { record: { ...record, aliases: [...record.aliases, alias] }, alias };
}

export function withChangedAlias(
  record: StateMachineRecord,
  alias: StateMachineAlias,
  changes: { readonly description?: string | null; readonly routes?: readonly Route[] },
  at: number,
): { readonly record: StateMachineRecord; readonly alias: StateMachineAlias } {
  const changed = { ...alias, ...changes, updatedAt: at };
  return {
    record: { ...record, aliases: record.aliases.map((each) => (each === alias ? changed : each)) },
    alias: changed,
  };
}

export function withoutAlias(record: StateMachineRecord, name: string): StateMachineRecord {
  return { ...record, aliases: record.aliases.filter((alias) => alias.name !== name) };
}

/**
 * Checks where an alias is to lead, as far as that can be told from the ARNs alone.
 * @returns the ARN of the state machine
 * @throws ServiceError ValidationException
 */
export function machineOfRoutes(routes: AliasParams['routes']): string {
  const arns = routes.map(({ versionArn }) => versionArn);
  const refused = (what: string): ServiceError =>
    new ServiceError(
      'ValidationException',
      `Routing configuration must contain ${what}. Received: [${arns.join(', ')}]`,
    );
  const split = arns.map(splitMachineArn);
  if (split.some(({ qualifier }) => versionNumber(qualifier) === undefined))
    throw refused('state machine version ARNs');
  if (new Set(arns).size < arns.length) throw refused('distinct state machine version ARNs');
  const machines = new Set(split.map(({ machine }) => machine));
  if (machines.size > 1) throw refused('version ARNs of one state machine');
  const weights = routes.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100)
    throw new ServiceError(
      'ValidationException',
      `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
    );
  return [...machines].join();
}

/** The routes by number. @throws ServiceError ResourceNotFound when the machine has no such version */
export function routesWithin(record: StateMachineRecord, routes: AliasParams['routes']): Route[] {
  return routes.map(({ versionArn, weight }) => {
    const version = versionNumber(splitMachineArn(versionArn).qualifier);
    const found = record.versions.find(({ number }) => number === version);
    if (!found) throw noSuchResource();
    return { version: found.number, weight };
  });
}

/** The number of the version that one execution goes to. @param chance in [0, 1) */
export function pickVersion({ routes: [first, second] }: StateMachineAlias, chance: number): number {
  const picked = first && chance * 100 < first.weight ? first : (second ?? first);
  return picked?.version ?? 0;
}

/** AWS does not say which. */
export function noSuchResource(): ServiceError {
  return new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.');
}

function equalRoutes(a: readonly Route[], b: readonly Route[]): boolean {
  return (
    a.length === b.length && a.every(({ version, weight }, i) => b[i]?.version === version && b[i]?.weight === weight)
  );
}
