/** The records of state machines: found, with those that are being deleted in mind, and changed one request at a time. */
import { ServiceError } from '../../ports/service-error.ts';
import type { StateMachineRecord } from '../../ports/state-machines.ts';
import type { Store } from '../../ports/store.ts';
import { createQueue, type Queue } from '../queue.ts';

export interface MachineRecords {
  /** A machine that is being deleted is gone once nothing of it runs any more. */
  find(arn: string): Promise<StateMachineRecord | undefined>;
  /**
   * One that takes executions and changes.
   * @param missing the refusal when there is none. @defaultValue StateMachineDoesNotExist
   * @throws ServiceError StateMachineDeleting, and `missing`
   */
  active(arn: string, missing?: () => ServiceError): Promise<StateMachineRecord>;
  /** By name. Records of machines that are gone are removed on the way. */
  list(): Promise<readonly StateMachineRecord[]>;
  readonly serially: Queue;
  /** Changes a record in its turn, and saves it when it has changed. @throws ServiceError as {@link MachineRecords.active} */
  change<T extends { readonly record: StateMachineRecord }>(
    arn: string,
    work: (record: StateMachineRecord) => T | Promise<T>,
    missing?: () => ServiceError,
  ): Promise<T>;
}

export function createMachineRecords(store: Store): MachineRecords {
  const serially = createQueue();

  const isGone = async ({ arn, status }: StateMachineRecord): Promise<boolean> => {
    if (status === 'ACTIVE') return false;
    const running = await store.list({ stateMachineArn: arn, status: 'RUNNING', limit: 1 });
    return running.length === 0;
  };
  const find: MachineRecords['find'] = async (arn) => {
    const found = await store.stateMachine(arn);
    return found && (await isGone(found)) ? undefined : found;
  };
  const active: MachineRecords['active'] = async (arn, missing) => {
    const found = await find(arn);
    if (!found) throw missing?.() ?? noSuchMachine(arn);
    if (found.status === 'DELETING')
      throw new ServiceError('StateMachineDeleting', `State Machine is being deleted: '${arn}'`);
    return found;
  };
  const sweep = (arn: string): Promise<void> =>
    serially(async () => {
      const found = await store.stateMachine(arn);
      if (found && (await isGone(found))) await store.removeStateMachine(arn);
    });

  return {
    find,
    active,
    serially,
    list: async () => {
      const all = await store.stateMachines();
      const gone = new Set<StateMachineRecord>();
      for (const record of all) {
        if (!(await isGone(record))) continue;
        gone.add(record);
        await sweep(record.arn);
      }
      return all.filter((record) => !gone.has(record));
    },
    change: (arn, work, missing) =>
      serially(async () => {
        const before = await active(arn, missing);
        const changed = await work(before);
        if (changed.record !== before) await store.saveStateMachine(changed.record);
        return changed;
      }),
  };
}

export function noSuchMachine(arn: string): ServiceError {
  return new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}
