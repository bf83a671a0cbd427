/** The Amazon States Language: reading definitions. */
export type { Definition, StateDefinition } from './definition.ts';
export { type Finding, formatFindings } from './finding.ts';
export { parseDefinition } from './parse.ts';
