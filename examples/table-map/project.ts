/** The project, made of a configuration: what `config.json` says is what runs. */
import { defineProject, functionArn, type ProjectDefinition } from 'fanfold';
import { LISTS_BUCKET } from './list-batch.ts';

export interface TableMapConfig {
  readonly ddb: {
    readonly tableName: string;
    readonly partitionKeyName: string;
    /** The key of the item that holds the list. */
    readonly partitionKeyValueField: string;
  };
  readonly stepfunc: {
    readonly maxConcurrency: number;
    readonly waitDurationSeconds: number;
    /** Of the whole execution. */
    readonly timeoutDurationSeconds: number;
  };
}

export const STATE_MACHINE = 'StepFunctionsProject';

export function tableMapProject({
  ddb,
  stepfunc,
}: TableMapConfig): ProjectDefinition & Required<Pick<ProjectDefinition, 'stateMachines'>> {
  const stateMachines = {
    [STATE_MACHINE]: {
      definition: './table-map.asl.json',
      definitionSubstitutions: {
        TableName: ddb.tableName,
        PartitionKeyName: ddb.partitionKeyName,
        PartitionKeyValueField: ddb.partitionKeyValueField,
        MaxConcurrency: stepfunc.maxConcurrency,
        WaitDurationSeconds: stepfunc.waitDurationSeconds,
        TimeoutDurationSeconds: stepfunc.timeoutDurationSeconds,
        FunctionArn: functionArn('ShowItem'),
      },
    },
  };
  return {
    ...defineProject({
      name: 'table-map',
      batches: ['./table-map.batch.ts'],
      buckets: { [LISTS_BUCKET]: {} },
      functions: { ShowItem: { module: './functions/show-item.ts' } },
      tables: { [ddb.tableName]: { partitionKey: ddb.partitionKeyName } },
    }),
    stateMachines,
  };
}
