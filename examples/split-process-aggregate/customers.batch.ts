/** The same system as the state machine, as a batch. */
import { batch } from 'fanfold/batch';
import { COLUMNS } from './customers/volume.ts';

export default batch({
  name: 'CustomersBatch',
  source: { bucket: 'spring-batch-test-bucket', prefix: 'batch/', columns: COLUMNS },
  schema: {
    type: 'object',
    properties: { id: { type: 'integer' }, name: { type: 'string' }, age: { type: 'integer' } },
    required: COLUMNS,
  },
  chunk: { records: 100 },
  concurrency: 10,
  sinks: [{ object: 'processed/{stem}.json', format: 'json', columns: COLUMNS }],
});
