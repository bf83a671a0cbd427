import type { Json } from '../../json.ts';
import type { Scope } from '../scope.ts';
import type { Arguments } from './arguments.ts';

/** One intrinsic function: how many arguments it takes, and what it does with their values. */
export interface Intrinsic {
  readonly min: number;
  readonly max: number;
  readonly run: (args: Arguments, scope: Scope) => Json;
}

export type Intrinsics = Readonly<Record<string, Intrinsic>>;
