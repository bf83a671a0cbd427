/** The columns of an order: as the file's header names them, and as the table does. */

export const COLUMNS = [
  { header: 'Region', attribute: 'Region' },
  { header: 'Country', attribute: 'Country' },
  { header: 'Item Type', attribute: 'ItemType' },
  { header: 'Sales Channel', attribute: 'SalesChannel' },
  { header: 'Order Priority', attribute: 'OrderPriority' },
  { header: 'Order Date', attribute: 'OrderDate' },
  { header: 'Order ID', attribute: 'OrderId' },
  { header: 'Ship Date', attribute: 'ShipDate' },
  { header: 'Units Sold', attribute: 'UnitSold', number: true },
  { header: 'Unit Price', attribute: 'UnitPrice', number: true },
  { header: 'Unit Cost', attribute: 'UnitCost', number: true },
  { header: 'Total Revenue', attribute: 'TotalRevenue', number: true },
  { header: 'Total Cost', attribute: 'TotalCost', number: true },
  { header: 'Total Profit', attribute: 'TotalProfit', number: true },
] as const;

export const HEADER: readonly string[] = COLUMNS.map(({ header }) => header);

/** An order as the table has it: every attribute is a text, numbers too, exactly as the file has them. */
export type Order = Readonly<Record<(typeof COLUMNS)[number]['attribute'], string>>;

/** A number in a file. */
export const DECIMAL = /^-?\d{1,18}(\.\d{1,9})?$/;

/** @returns what is wrong with the order, undefined when nothing is */
export function orderProblem(order: Order): string | undefined {
  if (order.OrderId === '') return 'there is no Order ID';
  const wrong = COLUMNS.find((column) => 'number' in column && !DECIMAL.test(order[column.attribute]));
  return wrong && `${wrong.header} is '${order[wrong.attribute]}', which is not a number`;
}

/** Reads orders by the names of their columns, in whatever order these are. */
export function orderReader(header: readonly string[]): (fields: readonly string[]) => Order {
  const places = COLUMNS.map((column) => [column.attribute, header.indexOf(column.header)] as const);
  return (fields) => Object.fromEntries(places.map(([attribute, at]) => [attribute, fields[at] ?? ''])) as Order;
}

/** @returns what is wrong with a header, undefined when it has each of our columns */
export function headerProblem(names: readonly string[]): string | undefined {
  const missing = HEADER.filter((name) => !names.includes(name));
  return missing.length === 0 ? undefined : `it lacks ${missing.map((name) => `'${name}'`).join(', ')}`;
}
