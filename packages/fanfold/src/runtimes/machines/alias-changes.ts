/** What the API does with aliases. */
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { StateMachineAdmin, StateMachineAlias, StateMachineRecord } from '../../ports/state-machines.ts';
import { machineOfRoutes, noSuchResource, routesWithin, withAlias, withChangedAlias, withoutAlias } from './aliases.ts';
import { qualifiedArn, splitMachineArn } from '../../state-machine-arn.ts';
import type { MachineRecords } from './machine-records.ts';

export type AliasChanges = Pick<StateMachineAdmin, 'createAlias' | 'updateAlias' | 'describeAlias' | 'removeAlias'>;

export function createAliasChanges(records: MachineRecords, clock: Clock): AliasChanges {
  return {
    createAlias: async ({ name, description, routes }) => {
      const arn = machineOfRoutes(routes);
      const { alias } = await records.change(
        arn,
        (before) => withAlias(before, { name, description, routes: routesWithin(before, routes) }, clock.now()),
        noSuchResource,
      );
      return { aliasArn: qualifiedArn(arn, name), alias };
    },
    updateAlias: async ({ aliasArn, description, routes }) => {
      const { machine } = splitMachineArn(aliasArn);
      if (routes && machineOfRoutes(routes) !== machine)
        throw new ServiceError(
          'ValidationException',
          `An alias can only lead to versions of its own state machine: '${aliasArn}'`,
        );
      const { alias } = await records.change(
        machine,
        (before) => {
          const changes = {
            ...(description !== undefined && { description }),
            ...(routes && { routes: routesWithin(before, routes) }),
          };
          return withChangedAlias(before, findAlias(before, aliasArn), changes, clock.now());
        },
        noSuchResource,
      );
      return alias;
    },
    describeAlias: async (aliasArn) => {
      const { machine } = splitMachineArn(aliasArn);
      const record = await records.find(machine);
      if (!record) throw noSuchResource();
      return { alias: findAlias(record, aliasArn), stateMachineArn: machine };
    },
    removeAlias: async (aliasArn) => {
      const { machine, qualifier = '' } = splitMachineArn(aliasArn);
      if (!(await records.find(machine))) return;
      await records.change(machine, (before) => ({ record: withoutAlias(before, qualifier) }));
    },
  };
}

function findAlias(record: StateMachineRecord, aliasArn: string): StateMachineAlias {
  const { qualifier } = splitMachineArn(aliasArn);
  const alias = record.aliases.find(({ name }) => name === qualifier);
  if (!alias) throw noSuchResource();
  return alias;
}
