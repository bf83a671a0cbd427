/** Get Financial Data: the route `GET /financials/{uuid}`. An unknown uuid is no error here: `item` is null, and Write decides. */
import type { AttributeValue, FunctionHandler } from 'fanfold';
import { FINANCIAL_COLUMNS, FINANCIAL_TABLE } from '../orders/columns.ts';

/** The part of API Gateway's proxy event that is read here. */
export interface ProxyEvent {
  readonly pathParameters: { readonly uuid?: string } | null;
}

export interface ProxyResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const handler: FunctionHandler<ProxyEvent, ProxyResult> = async (event, { tables }) => {
  const uuid = event.pathParameters?.uuid ?? '';
  if (!/^\d{9}$/.test(uuid)) return answer(400, { message: `uuid ${JSON.stringify(uuid)} is not nine digits.` });
  const item = await tables.get({ table: FINANCIAL_TABLE, key: { uuid: { S: uuid } } });
  if (item === undefined) return answer(200, { item: null });
  const known = FINANCIAL_COLUMNS.map(({ field }) => [field, textOf(item[field])] as const);
  return answer(200, { item: Object.fromEntries(known.filter(([, value]) => value !== undefined)) });
};

/** Text of an attribute that is a text or a number. */
function textOf(value: AttributeValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if ('S' in value) return value.S;
  return 'N' in value ? value.N : undefined;
}

function answer(statusCode: number, body: unknown): ProxyResult {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
