/** Validate Data: throws with every reason why a record is not good; the state's Catch makes a reject of it. */
import type { FunctionHandler } from 'fanfold';
import { ORDER_COLUMNS, type Order, type OrderField } from '../orders/columns.ts';

/** A record breaks the rules. The message has its line and every reason. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';

  constructor(message: string) {
    super(message);
    // The stack would become part of the Cause, and 600 of them more than a state may hand on.
    this.stack = '';
  }
}

export const handler: FunctionHandler<Order, true> = (order) => {
  const reasons = ORDER_COLUMNS.map(({ field, maxLength }) => problem(field, order[field], maxLength)).filter(
    (reason) => reason !== undefined,
  );
  if (reasons.length > 0) throw new ValidationError(`Line ${order.line}: ${reasons.join('; ')}.`);
  return true;
};

function problem(field: OrderField, value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return `${field} is not a text`;
  if (value === '') return `${field} is empty`;
  // The lookup demands it; anything else would fail the chunk there.
  if (field === 'uuid') return /^\d{9}$/.test(value) ? undefined : `uuid ${shown(value)} is not nine digits`;
  const length = value.length > maxLength ? [...value].length : value.length;
  return length > maxLength ? `${field} is ${length} characters long, at most ${maxLength} are allowed` : undefined;
}

function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
