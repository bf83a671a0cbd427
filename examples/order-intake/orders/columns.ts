/** The columns of the files, once: how a header names them, how the workflow does, and how long a value may be. */

/** A column of the input: the name in the file's header, the name inside the workflow, the longest value. */
export const ORDER_COLUMNS = [
  { header: 'uuid', field: 'uuid', maxLength: 9 },
  { header: 'Country', field: 'country', maxLength: 50 },
  { header: 'Item Type', field: 'itemType', maxLength: 30 },
  { header: 'Sales Channel', field: 'salesChannel', maxLength: 10 },
  { header: 'Order Priority', field: 'orderPriority', maxLength: 5 },
  { header: 'Order Date', field: 'orderDate', maxLength: 10 },
  { header: 'Region', field: 'region', maxLength: 100 },
  { header: 'Ship Date', field: 'shipDate', maxLength: 10 },
] as const;

/** What the lookup adds to a record. */
export const FINANCIAL_COLUMNS = [
  { header: 'Units Sold', field: 'unitsSold' },
  { header: 'Unit Price', field: 'unitPrice' },
  { header: 'Unit Cost', field: 'unitCost' },
  { header: 'Total Revenue', field: 'totalRevenue' },
  { header: 'Total Cost', field: 'totalCost' },
  { header: 'Total Profit', field: 'totalProfit' },
] as const;

/** Where the lookup's items are; its key is the attribute `uuid`. */
export const FINANCIAL_TABLE = 'FinancialTable';

/** A column of the output, as its header names it. */
export type OutputColumn = (typeof ORDER_COLUMNS | typeof FINANCIAL_COLUMNS)[number]['header'];
export type OrderField = (typeof ORDER_COLUMNS)[number]['field'];
export type FinancialField = (typeof FINANCIAL_COLUMNS)[number]['field'];

/** One order, its values as they stand in the file. */
export type OrderFields = Readonly<Record<OrderField, string>>;

/** One order inside the workflow. */
export type Order = OrderFields & {
  /** Line of the input file on which the record starts. */
  readonly line: number;
};

/** Financial data of one order, as text. */
export type FinancialData = Readonly<Record<FinancialField, string>>;

export const ORDER_HEADER: readonly string[] = ORDER_COLUMNS.map((column) => column.header);
export const OUTPUT_HEADER: readonly OutputColumn[] = [...ORDER_COLUMNS, ...FINANCIAL_COLUMNS].map(
  (column) => column.header,
);

/** A reader of orders from records whose header has our columns in any order. */
export function orderReader(header: readonly string[]): (fields: readonly string[]) => OrderFields {
  const places = ORDER_COLUMNS.map(({ header: name, field }) => [field, header.indexOf(name)] as const);
  return (fields) => Object.fromEntries(places.map(([field, at]) => [field, fields[at] ?? ''])) as OrderFields;
}

/** What is wrong with a header; undefined when it has each of our columns once, in whatever order. */
export function headerProblem(names: readonly string[], delimiter: string): string | undefined {
  const missing = ORDER_HEADER.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !ORDER_HEADER.includes(name));
  if (missing.length === 0 && unknown.length === 0) return undefined;
  const parts = [
    missing.length > 0 ? `it lacks ${list(missing)}` : undefined,
    unknown.length > 0 ? `it has ${list(unknown)}, which no order has` : undefined,
  ].filter((part) => part !== undefined);
  return `${parts.join(', and ')}. Write ${list(ORDER_HEADER)} in the first line, separated by ${JSON.stringify(delimiter)}.`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => JSON.stringify(name.slice(0, 60)));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
