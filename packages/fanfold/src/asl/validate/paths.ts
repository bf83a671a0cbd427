/** JSONPaths and intrinsic functions that stand in fields can be read, and name what their field is for. */
import type { Field } from '../fields.ts';
import { compilePath, type Path } from '../path/path.ts';
import { compileDynamic } from '../template.ts';
import type { At } from './at.ts';
import { type KnownField, knownFields } from './known-fields.ts';
import { type Check, type Problem, schemaError } from './problem.ts';

export const checkPaths: Check = ({ parts }) =>
  parts
    .filter((part) => part.language === 'JSONPath')
    .flatMap(knownFields)
    .flatMap((known) => checkField(known) ?? []);

function checkField({ name, field: { holds, rule }, value, at }: KnownField): Problem | undefined {
  if (!holds || holds === 'template' || typeof value !== 'string' || rule(value) !== undefined) return undefined;
  try {
    if (holds !== 'path or call') return checkKind(compilePath(value), holds, at);
    compileDynamic(value, name);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return schemaError(at, 'Value must be a valid JSONPath.', { hint: error.message });
  }
}

function checkKind(path: Path, holds: Field['holds'], at: At): Problem | undefined {
  const message = 'Value is not a Reference Path';
  if (holds === 'single path' && !path.definite)
    return schemaError(at, message, { hint: 'A path to a single value is needed here.' });
  if (holds === 'target path' && !(path.reference && path.root.kind === 'input'))
    return schemaError(at, message, { hint: 'A result can be put below $ only, where names and indexes lead.' });
  return undefined;
}
