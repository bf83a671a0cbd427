/** A definition taken apart: what the checks look at. */
import type { JsonObject } from '../../json.ts';
import type { QueryLanguage, StateType } from '../definition.ts';
import type { Fields } from '../fields.ts';
import type { Source } from '../source/source.ts';
import type { At } from './at.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** An object of the definition that has a table of fields. */
export interface Part {
  readonly at: At;
  readonly json: JsonObject;
  readonly fields: Fields;
  /** In which its expressions are written. */
  readonly language: QueryLanguage;
}

export interface StatePart extends Part {
  readonly name: string;
  /** Undefined when it is none that the language has. */
  readonly type: StateType | undefined;
}

/** The machine itself, a branch of a Parallel state, or the processor of a Map state. */
export interface BlockPart extends Part {
  readonly states: readonly StatePart[];
}

/** A rule of a Choice state, or one inside of another. */
export interface RulePart extends Part {
  readonly inner: boolean;
}

export interface Context {
  readonly source: Source;
  readonly type: MachineType;
  /** The machine's own. */
  readonly language: QueryLanguage;
  /** All of them, those below included. */
  readonly parts: readonly Part[];
  /** The machine comes first. */
  readonly blocks: readonly BlockPart[];
  readonly states: readonly StatePart[];
  readonly rules: readonly RulePart[];
}
