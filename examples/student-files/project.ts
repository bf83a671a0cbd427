/** The project, made of what the tests change of it. */
import { defineProject, type ProjectDefinition } from 'fanfold';
import { BATCH_INBOUND, INBOUND, STATE_MACHINE, TABLE } from './names.ts';
import type { EmptyValues } from './students/schema.ts';

export interface StudentFilesSettings {
  /** Of the table, each second; the original's has 5 and 5. @defaultValue no limit */
  readonly throughput?: {
    readonly readsPerSecond: number;
    readonly writesPerSecond: number;
    readonly burstSeconds?: number;
  };
  readonly emptyValues?: Partial<EmptyValues>;
  /** One file after the other, as they arrive: what a reserved concurrency of 1 is meant to do. @defaultValue side by side */
  readonly sequential?: boolean;
}

export function studentFiles({
  throughput,
  emptyValues = {},
  sequential = false,
}: StudentFilesSettings = {}): ProjectDefinition & Required<Pick<ProjectDefinition, 'stateMachines'>> {
  const environment = {
    INBOUND_BUCKET: INBOUND,
    TABLE_NAME: TABLE,
    EMPTY_VALUES: JSON.stringify(emptyValues),
  };
  return {
    ...defineProject({
      name: 'student-files',
      functions: {
        'student-load': { module: './functions/student-load.ts', timeoutSeconds: 900, environment },
        'move-object': { module: './functions/move-object.ts', timeoutSeconds: 60, environment },
        'query-students': { module: './functions/query-students.ts', environment },
      },
      batches: ['./student-files.batch.ts'],
      buckets: { [INBOUND]: {}, [BATCH_INBOUND]: {}, 'archival-bucket': {}, 'error-bucket': {} },
      tables: { [TABLE]: { partitionKey: 'student_id', sortKey: 'course', ...(throughput && { throughput }) } },
      topics: { batch_processing_notification: { subscriptions: [{ email: 'registrar@example.com' }] } },
      apis: {
        students: {
          stage: 'Prod',
          routes: {
            'GET /students/{student_id}': 'query-students',
            'GET /students/{student_id}/courses/{course}': 'query-students',
          },
        },
      },
      triggers: [
        {
          name: 'students',
          bucket: INBOUND,
          suffix: '.csv',
          events: 'ObjectCreated:Put',
          stateMachine: STATE_MACHINE,
          ...(sequential && { order: 'sequential' as const }),
        },
      ],
      mail: { from: 'batch@example.com' },
    }),
    stateMachines: { [STATE_MACHINE]: { definition: './student-files.asl.json' } },
  };
}
