import type { FunctionHandler } from 'fanfold';

/** Prints what it is given and answers nothing. */
export const handler: FunctionHandler = (event) => {
  console.log(JSON.stringify(event));
};
