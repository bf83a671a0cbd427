/**
 * Makes the example's input and its lookup table: the same for the same seed, streaming, from 10 to a million records
 * and more. Lines end with CRLF and the last one does not. With `planted`, five records are ones that must be rejected, and
 * one has a quoted comma and must pass.
 */
import type { Item } from 'fanfold';
import { formatCsvRecord } from 'fanfold/records';
import { generateOrder, orderId } from '../data/order.ts';
import { type FinancialData, ORDER_COLUMNS, ORDER_HEADER, type OrderFields } from './orders/columns.ts';

export interface GenerateOptions {
  /** At least 10. */
  readonly records: number;
  /** A whole number. */
  readonly seed: number;
  readonly planted: boolean;
}

export type PlantedKind = 'tenDigitUuid' | 'longCountry' | 'emptyShipDate' | 'noFinancialData' | 'repeatedUuid';

export interface PlantedReject {
  /** In the file. */
  readonly line: number;
  readonly kind: PlantedKind;
  readonly uuid: string;
}

/** An entry of the lookup table. */
export type FinancialRecord = FinancialData & { readonly uuid: string };

export interface GeneratedOrders {
  /** Has the number of records and the seed in it. */
  readonly fileName: string;
  /** What must be rejected, by line. */
  readonly expectedRejects: readonly PlantedReject[];
  /** Line of the record that has a quoted comma and must pass; undefined when nothing is planted. */
  readonly quotedCommaLine: number | undefined;
  /** The file's text, in blocks. */
  csv(): AsyncGenerator<string, void, void>;
  /** The lookup table, in the file's order. */
  financials(): Generator<FinancialRecord, void, void>;
}

const BLOCK = 65_536;
/** Where records are planted: this many sevenths into the file. */
const PLACES: Readonly<Record<PlantedKind | 'quotedComma', number>> = {
  tenDigitUuid: 1,
  longCountry: 2,
  emptyShipDate: 3,
  quotedComma: 4,
  noFinancialData: 5,
  repeatedUuid: 6,
};

/** @throws Error for fewer than 10 records, or numbers that are not whole */
export function generateOrders(options: GenerateOptions): GeneratedOrders {
  const { records, seed, planted } = options;
  if (!Number.isSafeInteger(records) || records < 10)
    throw new Error(`records is ${records}. Ask for a whole number of at least 10.`);
  if (!Number.isSafeInteger(seed)) throw new Error(`seed is ${seed}. Use a whole number.`);
  const kinds = Object.keys(PLACES) as (keyof typeof PLACES)[];
  const plan = new Map(planted ? kinds.map((kind) => [Math.floor((records * PLACES[kind]) / 7), kind] as const) : []);

  function orderAt(index: number): OrderFields {
    const { order } = generateOrder(seed, index);
    const kind = plan.get(index);
    return kind === undefined ? order : CHANGES[kind](order, seed);
  }

  async function* csv(): AsyncGenerator<string, void, void> {
    let block = withoutNewline(formatCsvRecord(ORDER_HEADER));
    for (let index = 0; index < records; index++) {
      const order = orderAt(index);
      block += `\r\n${withoutNewline(formatCsvRecord(ORDER_COLUMNS.map(({ field }) => order[field])))}`;
      if (block.length < BLOCK) continue;
      yield block;
      block = '';
    }
    if (block !== '') yield block;
  }

  function* financials(): Generator<FinancialRecord, void, void> {
    for (let index = 0; index < records; index++) {
      const kind = plan.get(index);
      if (kind === 'noFinancialData' || kind === 'tenDigitUuid' || kind === 'repeatedUuid') continue;
      const { order, financial } = generateOrder(seed, index);
      yield { uuid: order.uuid, ...financial };
    }
  }

  const places = [...plan].map(([index, kind]) => ({ line: index + 2, kind, uuid: orderAt(index).uuid }));
  return {
    fileName: `orders-${records}-seed${seed}${planted ? '-planted' : ''}.csv`,
    expectedRejects: places.filter((place): place is PlantedReject => place.kind !== 'quotedComma'),
    quotedCommaLine: places.find((place) => place.kind === 'quotedComma')?.line,
    csv,
    financials,
  };
}

/** An entry of the lookup table as an item for the table: all texts, as in the original. */
export function financialItem(record: FinancialRecord): Item {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, { S: value }]));
}

const CHANGES: Readonly<Record<PlantedKind | 'quotedComma', (order: OrderFields, seed: number) => OrderFields>> = {
  tenDigitUuid: (order) => ({ ...order, uuid: `${order.uuid}0` }),
  longCountry: (order) => ({ ...order, country: order.country.padEnd(51, 'x') }),
  emptyShipDate: (order) => ({ ...order, shipDate: '' }),
  quotedComma: (order) => ({ ...order, country: `${order.country}, mainland` }),
  noFinancialData: (order) => order,
  repeatedUuid: (order, seed) => ({ ...order, uuid: orderId(seed, 0) }),
};

function withoutNewline(record: string): string {
  return record.slice(0, -2);
}
