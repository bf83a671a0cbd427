/** An event as rules see it and targets get it. */
import type { JsonObject } from '../../json.ts';

export interface Place {
  readonly region: string;
  readonly account: string;
}

export interface EventParams {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

export type BusEvent = JsonObject & { readonly id: string };

export function eventOf({ id, source, detailType, at, resources, detail }: EventParams, place: Place): BusEvent {
  return {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: place.account,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources,
    detail,
  };
}
