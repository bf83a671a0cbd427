/** Whether an expression can be read, and reads only what a state machine has. */
import { DEFAULT_BOUNDS } from '../jsonata/bounds.ts';
import { ENGINE } from '../jsonata/engine.ts';
import { compileJsonata } from '../jsonata/expression.ts';
import { contextReferences } from './context-references.ts';

export interface JsonataProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** @param text without its delimiters */
export function checkJsonata(text: string): JsonataProblem | undefined {
  try {
    compileJsonata(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { code: 'SCHEMA_VALIDATION_FAILED', message: error.message };
  }
  const [reference] = contextReferences(ENGINE.parse(text, DEFAULT_BOUNDS));
  if (reference === undefined) return undefined;
  const at = reference === '$$' ? '' : ' at the top level';
  return {
    code: 'UNSUPPORTED_JSONATA_EXPRESSION',
    message: `Reference to '${reference}'${at} is not supported.`,
    hint: `The input is $states.input, a variable is $name: write ${reference === '$$' ? '$states.input' : `$states.input.${reference} or $${reference}`}.`,
  };
}
