/**
 * How much may be read from a table and written to it a second. As DynamoDB has it: units that were not used are kept for
 * a while and can be used in one burst; what an operation costs is known afterwards, and may leave a debt.
 */
import { ServiceError } from '../../ports/service-error.ts';
import type { Throughput } from './table-details.ts';

export interface Meter {
  /** Whether what an operation costs makes a difference. */
  readonly isLimited: boolean;
  /** Takes so many units, or nothing and answers false. */
  take(units: number): boolean;
  /** Takes, or gives back, what an operation cost besides. */
  charge(units: number): void;
}

/** Of each table by its name; of one without limits a meter that always lets through. */
export interface Meters {
  read(table: string): Meter;
  write(table: string): Meter;
  /** Forgets what was used: limits were changed, or the table is gone. */
  reset(table: string): void;
}

export interface MetersParams {
  readonly limitsOf: (table: string) => Throughput | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const BURST_SECONDS = 300;

const WITHOUT_LIMIT: Meter = { isLimited: false, take: () => true, charge: () => {} };

export function createMeters({ limitsOf, now }: MetersParams): Meters {
  const kept = { reads: new Map<string, Meter>(), writes: new Map<string, Meter>() };
  const meterOf = (kind: 'reads' | 'writes', table: string): Meter => {
    const limits = limitsOf(table);
    const rate = limits?.[kind] ?? 0;
    if (rate === 0) return WITHOUT_LIMIT;
    const found = kept[kind].get(table) ?? createMeter(rate, now, limits?.burstSeconds ?? BURST_SECONDS);
    kept[kind].set(table, found);
    return found;
  };
  return {
    read: (table) => meterOf('reads', table),
    write: (table) => meterOf('writes', table),
    reset: (table) => {
      kept.reads.delete(table);
      kept.writes.delete(table);
    },
  };
}

/** Begins with the units of one second. */
function createMeter(rate: number, now: () => number, burstSeconds: number): Meter {
  const most = rate * Math.max(1, burstSeconds);
  let units = rate;
  let at = now();
  return {
    isLimited: true,
    take: (wanted) => {
      const time = now();
      units = Math.min(most, units + (Math.max(0, time - at) / 1000) * rate);
      at = time;
      if (units < wanted) return false;
      units -= wanted;
      return true;
    },
    charge: (cost) => {
      units -= cost;
    },
  };
}

const UNIT_READ = 4096;
const UNIT_WRITTEN = 1024;

/** Units that reading so many bytes costs. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / UNIT_READ)) * leastRead(isConsistent);
}

/** Of the smallest item. */
export function leastRead(isConsistent: boolean): number {
  return isConsistent ? 1 : 0.5;
}

/** Units that a write costs, by the larger of the item before and after. */
export function writeUnits(before: number, after: number): number {
  return Math.max(1, Math.ceil(Math.max(before, after) / UNIT_WRITTEN));
}

export function throttled(): ServiceError {
  return new ServiceError(
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning ' +
      'level with the UpdateTable API.',
  );
}
