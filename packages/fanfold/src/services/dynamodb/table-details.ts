/** What is known of a table besides its keys. */
import { randomUUID } from 'node:crypto';
import type { TableDescription } from '../../ports/tables.ts';

/** Units a second; 0 is no limit. */
export interface Throughput {
  readonly reads: number;
  readonly writes: number;
  /** For how long units that were not used are kept. @defaultValue 300, as DynamoDB's */
  readonly burstSeconds?: number;
}

export interface TableDetails {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Undefined where nothing limits it: DynamoDB's PAY_PER_REQUEST. */
  readonly throughput?: Throughput;
  readonly isProtected: boolean;
}

export interface TableRecord {
  readonly description: TableDescription;
  readonly details: TableDetails;
}

export function newDetails(createdAt: number, settings: Partial<TableDetails> = {}): TableDetails {
  return { isProtected: false, ...settings, id: randomUUID(), createdAt };
}
