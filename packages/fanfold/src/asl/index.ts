/** The Amazon States Language: reading definitions. */
export type { Definition, StateDefinition } from './definition.ts';
export { type Finding, findingLines, formatFindings } from './finding.ts';
export { definitionOf, parseDefinition, parseDefinitionSource } from './parse.ts';
export { formatOfFile, readSource, type SourceFormat } from './source/read-source.ts';
export type { Pointer, Position, Source } from './source/source.ts';
export { type ValidateOptions, validateSource, validateText } from './validate/validate.ts';
