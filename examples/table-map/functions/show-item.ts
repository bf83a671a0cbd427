import type { FunctionHandler } from 'fanfold';

/** Prints what it is given and answers nothing. */
export function showItem(item: unknown): void {
  console.log(JSON.stringify(item));
}

export const handler: FunctionHandler = showItem;
