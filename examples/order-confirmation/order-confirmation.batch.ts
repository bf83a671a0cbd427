/** The same system as the state machine, as a batch. */
import { batch } from 'fanfold/batch';
import { COLUMNS, DECIMAL } from './orders/columns.ts';
import { confirmationId } from './orders/confirmation.ts';

const number = { type: 'string', pattern: DECIMAL.source } as const;
const properties = COLUMNS.map(
  (column) => [column.attribute, 'number' in column ? number : { type: 'string' }] as const,
);

export default batch({
  name: 'OrderConfirmationBatch',
  source: {
    bucket: 'input-bucket',
    prefix: 'batch/',
    rules: { renamed: Object.fromEntries(COLUMNS.map(({ header, attribute }) => [header, attribute])), extra: 'drop' },
  },
  schema: {
    type: 'object',
    properties: { ...Object.fromEntries(properties), OrderId: { type: 'string', minLength: 1 } },
    required: COLUMNS.map(({ attribute }) => attribute),
  },
  chunk: { records: 30_000 },
  process: (order, { run }) => ({ ...order, ConfirmationId: confirmationId(run, order.OrderId) }),
  sinks: [
    { table: 'Order' },
    { object: 'batch/{file}_Output', columns: ['OrderId', 'ConfirmationId'], csv: { header: false, newline: '\n' } },
  ],
});
