/** The same system as the two state machines, as a batch. */
import { batch, fromTable, type TextRecord } from 'fanfold/batch';
import {
  FINANCIAL_COLUMNS,
  FINANCIAL_TABLE,
  type FinancialData,
  ORDER_COLUMNS,
  ORDER_HEADER,
  OUTPUT_HEADER,
  type OutputColumn,
} from './orders/columns.ts';

const columns = ORDER_COLUMNS.map(({ header, field, maxLength }) => {
  const rule = field === 'uuid' ? { pattern: '^[0-9]{9}$' } : { minLength: 1, maxLength };
  return [header, { type: 'string', ...rule }] as const;
});

export default batch({
  name: 'OrderIntakeBatch',
  source: {
    bucket: 'source-bucket',
    prefix: 'batch_input/',
    archive: 'batch_archive/',
    error: 'batch_error/',
    rules: { extra: 'fail' },
  },
  schema: { type: 'object', properties: Object.fromEntries(columns), required: ORDER_HEADER },
  unique: ['uuid'],
  lookups: { financial: fromTable<TextRecord, FinancialData>(FINANCIAL_TABLE, ({ uuid }) => uuid) },
  process(order, { lookups: { financial } }) {
    if (!financial) throw new Error(`no financial data for uuid ${order.uuid}.`);
    const data = FINANCIAL_COLUMNS.map(({ header, field }) => [header, financial[field]] as const);
    return { ...order, ...Object.fromEntries(data) } as Readonly<Record<OutputColumn, string>>;
  },
  sinks: [{ object: 'batch_output/{file}', columns: OUTPUT_HEADER, csv: { quote: 'all' } }],
  rejects: { object: 'batch_rejects/{file}', table: 'BatchErrorTable' },
  skipLimit: { percent: 50 },
  notify: {
    from: 'sender@example.com',
    success: ['recipient@example.com'],
    failure: ['recipient@example.com'],
    linkSeconds: 3600,
  },
});
