/** The same system as the state machine, as a batch. */
import { batch } from 'fanfold/batch';
import { BATCH_INBOUND, TABLE } from './names.ts';
import { SCHEMA } from './students/schema.ts';

const REGISTRAR = ['registrar@example.com'];

export default batch({
  name: 'StudentFilesBatch',
  source: { bucket: BATCH_INBOUND, prefix: 'in/', archive: 'archive/', error: 'error/', rules: { extra: 'drop' } },
  schema: SCHEMA,
  process: (student, { run }) => ({ ...student, batch_id: run }),
  sinks: [{ table: TABLE }],
  skipLimit: { percent: 100 },
  notify: { success: REGISTRAR, failure: REGISTRAR },
});
