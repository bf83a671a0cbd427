/** What the API changes about state machines and their versions. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { StateMachineAdmin } from '../../ports/state-machines.ts';
import type { Store } from '../../ports/store.ts';
import { type Definitions, hashOf } from './definitions.ts';
import { splitMachineArn, versionNumber } from '../../state-machine-arn.ts';
import type { MachineRecords } from './machine-records.ts';
import {
  DEFAULT_SETTINGS,
  firstVersion,
  isSameMachine,
  newStateMachine,
  publishVersion,
  revise,
  withoutTags,
  withoutVersion,
  withTags,
} from './state-machine.ts';

export type MachineChanges = Pick<
  StateMachineAdmin,
  'put' | 'create' | 'update' | 'remove' | 'publish' | 'removeVersion' | 'tag' | 'tags' | 'untag'
>;

export interface MachineChangesParams {
  readonly store: Store;
  readonly records: MachineRecords;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly arnOf: (name: string) => string;
}

export function createMachineChanges(params: MachineChangesParams): MachineChanges {
  const { store, records, definitions, clock, arnOf } = params;
  return {
    put: ({ name, definition: text, roleArn, type }) =>
      records.serially(async () => {
        checkName(name);
        const definition = await definitions.save(text, type);
        const arn = arnOf(name);
        const at = clock.now();
        const before = await records.find(arn);
        const wanted = { arn, name, type, definition, roleArn, settings: DEFAULT_SETTINGS, tags: [], at };
        const revised = before && revise(before, { definition, roleArn }, { revisionId: randomUUID(), at });
        const record = revised ? { ...revised, type, status: 'ACTIVE' as const } : newStateMachine(wanted);
        await store.saveStateMachine(record);
        return record;
      }),
    create: ({ name, definition: text, roleArn, type, tags, publish, ...rest }) =>
      records.serially(async () => {
        checkName(name);
        const arn = arnOf(name);
        const settings = { ...DEFAULT_SETTINGS, ...rest.settings };
        const wanted = { arn, name, type, definition: hashOf(text), roleArn, settings, tags };
        if (await records.find(arn)) {
          const before = await records.active(arn);
          if (isSameMachine(before, wanted, publish)) return { record: before, version: firstVersion(before) ?? null };
          throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
        }
        const at = clock.now();
        const record = newStateMachine({ ...wanted, at });
        const created = publish ? publishVersion(record, publish, at) : { record, version: null };
        await definitions.save(text, type);
        await store.saveStateMachine(created.record);
        return created;
      }),
    update: ({ stateMachineArn, definition: text, roleArn, settings, publish }) =>
      records.change(stateMachineArn, async (before) => {
        const at = clock.now();
        const wanted = {
          ...(text !== undefined && { definition: await definitions.save(text, before.type) }),
          ...(roleArn !== undefined && { roleArn }),
          ...(settings && { settings: { ...before.settings, ...settings } }),
        };
        const record = revise(before, wanted, { revisionId: randomUUID(), at });
        return publish ? publishVersion(record, publish, at) : { record, version: null };
      }),
    remove: (arn) =>
      records.serially(async () => {
        const found = await records.find(arn);
        if (found?.status === 'ACTIVE') await store.saveStateMachine({ ...found, status: 'DELETING' });
        if (!(await records.find(arn))) await store.removeStateMachine(arn);
      }),
    publish: async ({ stateMachineArn, revisionId, description }) => {
      const { version } = await records.change(stateMachineArn, (before) => {
        checkRevision(before.revisionId ?? FIRST_REVISION, revisionId);
        return publishVersion(before, { description }, clock.now());
      });
      return version;
    },
    removeVersion: async (arn) => {
      const { machine, qualifier } = splitMachineArn(arn);
      if (!(await records.find(machine))) return;
      await records.change(machine, (before) => ({ record: withoutVersion(before, versionNumber(qualifier) ?? 0) }));
    },
    tag: async (arn, tags) => {
      await records.change(
        arn,
        (before) => ({ record: withTags(before, tags) }),
        () => nothingToTag(arn),
      );
    },
    tags: async (arn) => {
      const record = await records.find(arn);
      if (!record) throw nothingToTag(arn);
      return record.tags;
    },
    untag: async (arn, keys) => {
      await records.change(
        arn,
        (before) => ({ record: withoutTags(before, keys) }),
        () => nothingToTag(arn),
      );
    },
  };
}

/** How AWS lets the revision be named that a machine is created with. */
const FIRST_REVISION = 'INITIAL';

function checkRevision(current: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === current) return;
  throw new ServiceError(
    'ConflictException',
    `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${current}.`,
  );
}

function nothingToTag(arn: string): ServiceError {
  return new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`);
}

/** Characters that AWS allows in no name; control characters (`\p{Cc}`) and halves of pairs (`\p{Cs}`) are among them. */
const BAD_NAME = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff\u{10ffff}]/u;

/** The names of state machines and executions. @throws ServiceError InvalidName */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > 80 || BAD_NAME.test(name))
    throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}
