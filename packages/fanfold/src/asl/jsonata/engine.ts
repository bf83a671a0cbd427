/** JSONata, made synchronous and bounded by scripts/jsonata-sync.mjs, with the functions that AWS adds. */
import { base64decode, base64encode } from './base64.ts';
import { BoundExceeded } from './bounds.ts';
import { defineFunctions } from './functions.ts';
import { createEngine, type Engine } from './generated/jsonata-sync.js';
import { compilePattern } from './pattern.ts';

export const ENGINE: Engine = createEngine({
  exceeded: (bound) => new BoundExceeded(bound),
  compilePattern: (source, flags, position) =>
    compilePattern(source, flags, position, (steps) => {
      ENGINE.spend(steps);
    }),
  base64encode,
  base64decode,
});
defineFunctions(ENGINE);
