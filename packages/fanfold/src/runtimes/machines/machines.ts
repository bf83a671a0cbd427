/** The state machines of a store: what can be done with them, and what executions of them begin with. */
import type { ExecutionType } from '../../interpreter/execution.ts';
import type { Machine } from '../../interpreter/machine.ts';
import { mulberry32 } from '../../interpreter/random.ts';
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type {
  DescribedStateMachine,
  Revision,
  StateMachineAdmin,
  StateMachineRecord,
  StateMachineVersion,
} from '../../ports/state-machines.ts';
import type { Store } from '../../ports/store.ts';
import { createAliasChanges } from './alias-changes.ts';
import { pickVersion } from './aliases.ts';
import { createDefinitions } from './definitions.ts';
import { qualifiedArn, splitMachineArn, versionNumber } from '../../state-machine-arn.ts';
import { createMachineChanges } from './machine-changes.ts';
import { createMachineRecords, noSuchMachine } from './machine-records.ts';

export { checkName } from './machine-changes.ts';

export interface Machines extends StateMachineAdmin {
  /** @throws Error when the store holds no such definition, or this version cannot run it */
  compiled(definitionHash: string): Promise<Machine>;
  /** Keeps a definition that belongs to no state machine. @returns its hash. @throws ServiceError InvalidDefinition */
  saveDefinition(text: string, type: ExecutionType): Promise<string>;
  /** A machine that is being deleted, or is gone, takes no redrives. */
  isActive(stateMachineArn: string): Promise<boolean>;
  /**
   * What an execution begins with that is started with this ARN.
   * @param seed 32 random bits, for an alias that leads to two versions
   * @throws ServiceError StateMachineDoesNotExist, StateMachineDeleting
   */
  startable(stateMachineArn: string, seed: number): Promise<Startable>;
}

export interface Startable {
  readonly machine: StateMachineRecord;
  readonly revision: Revision;
  /** Set when the ARN names a version, or an alias: then with the alias. */
  readonly versionArn?: string;
  readonly aliasArn?: string;
}

export interface MachinesParams {
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
}

export function createMachines({ store, clock, region, account }: MachinesParams): Machines {
  const records = createMachineRecords(store);
  const definitions = createDefinitions(store);
  const arnOf = (name: string): string => `arn:aws:states:${region}:${account}:stateMachine:${name}`;

  const described = async (
    record: StateMachineRecord,
    { definition, roleArn, revisionId, settings }: Revision,
    version: StateMachineVersion | null = null,
  ): Promise<DescribedStateMachine> => {
    const definitionText = (await store.definition(definition)) ?? '';
    return { ...record, definition, roleArn, revisionId, settings, definitionText, version };
  };

  return {
    ...createMachineChanges({ store, records, definitions, clock, arnOf }),
    ...createAliasChanges(records, clock),
    describe: async (arn) => {
      const { machine, qualifier } = splitMachineArn(arn);
      const record = await records.find(machine);
      if (!record) throw noSuchMachine(arn);
      if (qualifier === undefined) return described(record, record);
      const version = findVersion(record, qualifier);
      if (!version) throw noSuchMachine(arn);
      return described(record, version, version);
    },
    describeForExecution: async (arn) => {
      const execution = await store.describe(arn);
      if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
      const { definition, roleArn, revisionId = null, stateMachineArn, redrive } = execution;
      // The child of a map run is of its parent's state machine, with a label.
      const record = await records.find(stateMachineArn.split('/')[0] ?? '');
      if (!record) throw noSuchMachine(stateMachineArn);
      const { settings } = record.versions.find((version) => version.revisionId === revisionId) ?? record;
      const former = await Promise.all(
        (redrive?.formerDefinitions ?? []).map(async ({ definition: hash, throughEvent }) => ({
          text: (await store.definition(hash)) ?? '',
          throughEvent,
        })),
      );
      return {
        ...(await described(record, { definition, roleArn, revisionId, settings })),
        ...(former.length > 0 && { formerDefinitions: former }),
      };
    },
    list: records.list,
    compiled: definitions.compiled,
    saveDefinition: definitions.save,
    isActive: async (arn) => (await records.find(arn))?.status === 'ACTIVE',
    startable: async (arn, seed) => {
      const { machine, qualifier } = splitMachineArn(arn);
      const record = await records.active(machine, () => noSuchMachine(arn));
      if (qualifier === undefined) return { machine: record, revision: record };
      const alias = record.aliases.find(({ name }) => name === qualifier);
      const version = findVersion(record, alias ? pickVersion(alias, mulberry32(seed)()) : qualifier);
      if (!version) throw noSuchMachine(arn);
      const versionArn = qualifiedArn(machine, version.number);
      return { machine: record, revision: version, versionArn, ...(alias && { aliasArn: arn }) };
    },
  };
}

function findVersion(record: StateMachineRecord, qualifier: string | number): StateMachineVersion | undefined {
  const number = typeof qualifier === 'number' ? qualifier : versionNumber(qualifier);
  return record.versions.find((version) => version.number === number);
}
