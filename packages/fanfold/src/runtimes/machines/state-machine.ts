/** How the record of a state machine changes. Nothing here reads or writes: each function gives the record that follows. */
import { equalJson, type Json } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type {
  Changed,
  MachineSettings,
  Publish,
  Revision,
  StateMachineRecord,
  StateMachineVersion,
  Tag,
} from '../../ports/state-machines.ts';

/** AWS's quotas. */
const MOST_VERSIONS = 1000;
const MOST_TAGS = 50;

export const DEFAULT_SETTINGS: MachineSettings = {
  logging: { level: 'OFF', includeExecutionData: false },
  tracing: { enabled: false },
  encryption: { type: 'AWS_OWNED_KEY' },
};

export interface NewStateMachine extends Omit<Revision, 'revisionId'> {
  readonly arn: string;
  readonly name: string;
  readonly type: StateMachineRecord['type'];
  readonly tags: readonly Tag[];
  readonly at: number;
}

export function newStateMachine({ tags, at, ...params }: NewStateMachine): StateMachineRecord {
  const record: StateMachineRecord = {
    ...params,
    status: 'ACTIVE',
    revisionId: null,
    createdAt: at,
    updatedAt: at,
    tags: [],
    versions: [],
    lastVersion: 0,
    aliases: [],
  };
  return withTags(record, tags);
}

/** Whether creating the machine again, with this, asks for what is there. A role and tags do not count, as on AWS. */
export function isSameMachine(
  record: StateMachineRecord,
  wanted: Pick<StateMachineRecord, 'type' | 'definition' | 'settings'>,
  publish: Publish | undefined,
): boolean {
  if (record.type !== wanted.type || record.definition !== wanted.definition) return false;
  if (!equalSettings(record.settings, wanted.settings)) return false;
  const published = firstVersion(record);
  if (!publish) return published === undefined;
  return published !== undefined && published.description === publish.description;
}

/** The version that was published when the machine was created. */
export function firstVersion({ versions, createdAt }: StateMachineRecord): StateMachineVersion | undefined {
  const [first] = versions;
  return first?.number === 1 && first.createdAt === createdAt ? first : undefined;
}

/** The same record when nothing of the revision changes, and else one with the new id. */
export function revise(
  record: StateMachineRecord,
  wanted: Partial<Omit<Revision, 'revisionId'>>,
  { revisionId, at }: { readonly revisionId: string; readonly at: number },
): StateMachineRecord {
  const { definition = record.definition, roleArn = record.roleArn, settings = record.settings } = wanted;
  const same =
    definition === record.definition && roleArn === record.roleArn && equalSettings(settings, record.settings);
  return same ? record : { ...record, definition, roleArn, settings, revisionId, updatedAt: at };
}

/**
 * Publishes the current revision, unless it has a version already.
 * @throws ServiceError ServiceQuotaExceededException
 */
export function publishVersion(record: StateMachineRecord, { description }: Publish, at: number): PublishedVersion {
  const { definition, roleArn, revisionId, settings } = record;
  const existing = record.versions.find((version) => version.revisionId === revisionId);
  if (existing) return { record, version: existing };
  if (record.versions.length >= MOST_VERSIONS)
    throw new ServiceError(
      'ServiceQuotaExceededException',
      `A state machine can have ${MOST_VERSIONS} versions at most: '${record.arn}'. Delete one that is not needed.`,
    );
  const number = record.lastVersion + 1;
  const version = { definition, roleArn, revisionId, settings, number, description, createdAt: at };
  return { record: { ...record, versions: [...record.versions, version], lastVersion: number }, version };
}

interface PublishedVersion extends Changed {
  readonly version: StateMachineVersion;
}

/** @throws ServiceError ConflictException when an alias leads to the version */
export function withoutVersion(record: StateMachineRecord, number: number): StateMachineRecord {
  const leading = record.aliases.filter(({ routes }) => routes.some(({ version }) => version === number));
  if (leading.length > 0) {
    const names = leading.map(({ name }) => name).join(', ');
    throw new ServiceError(
      'ConflictException',
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
    );
  }
  return { ...record, versions: record.versions.filter((version) => version.number !== number) };
}

/** A state machine or an activity. */
interface Tagged {
  readonly arn: string;
  readonly tags: readonly Tag[];
}

/** A tag replaces one with its key. @throws ServiceError TooManyTags */
export function withTags<R extends Tagged>(record: R, tags: readonly Tag[]): R {
  const merged = new Map([...record.tags, ...tags].map(({ key, value }) => [key, value]));
  if (merged.size > MOST_TAGS)
    throw new ServiceError('TooManyTags', `A resource can have ${MOST_TAGS} tags at most: '${record.arn}'`);
  return { ...record, tags: [...merged].map(([key, value]) => ({ key, value })) };
}

export function withoutTags<R extends Tagged>(record: R, keys: readonly string[]): R {
  return { ...record, tags: record.tags.filter(({ key }) => !keys.includes(key)) };
}

function equalSettings(a: MachineSettings, b: MachineSettings): boolean {
  return equalJson(a as unknown as Json, b as unknown as Json);
}
