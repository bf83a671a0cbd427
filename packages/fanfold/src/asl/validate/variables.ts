/** What Assign names can be read as a variable, and means one variable only. */
import type { Pointer } from '../source/source.ts';
import type { At } from './at.ts';
import type { Part } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';
import { objectIn } from './take-apart.ts';

const MAX_NAME = 80;
/** Unicode's identifiers (ASL, variables). */
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

export const checkVariables: Check = ({ parts }) => {
  const assigned = parts.flatMap(assignedBy);
  const outermost = newScope();
  const scoped = assigned.map((variable) => ({ variable, scope: scopeAt(outermost, variable.at.pointer) }));
  for (const { variable, scope } of scoped) scope.names.add(variable.name);
  return scoped.flatMap(({ variable: { name, at, exact }, scope }): readonly Problem[] => {
    const message = problemOf(name) ?? (isAssignedAbove(scope, name) ? assignedTwice(name) : undefined);
    return message === undefined ? [] : [schemaError(at, message, { exact })];
  });
};

interface Assigned {
  readonly name: string;
  /** The Assign it stands in. */
  readonly at: At;
  readonly exact: At;
}

function assignedBy({ at, json, fields, language }: Part): readonly Assigned[] {
  if (!Object.hasOwn(fields.fields, 'Assign')) return [];
  return Object.keys(objectIn(json, 'Assign') ?? {}).map((key) => {
    const name = language === 'JSONPath' && key.endsWith('.$') ? key.slice(0, -2) : key;
    return { name, at: at.in('Assign'), exact: at.in('Assign', key) };
  });
}

/** Where variables live: the machine, a branch of a Parallel state, the processor of a Map state. */
interface Scope {
  readonly outer: Scope | undefined;
  readonly inner: Map<string, Scope>;
  readonly names: Set<string>;
}

function newScope(outer?: Scope): Scope {
  return { outer, inner: new Map(), names: new Set() };
}

/** The innermost scope around a place: `/States/<name>`, and then perhaps a branch or a processor, and so on. */
function scopeAt(outermost: Scope, pointer: Pointer): Scope {
  let scope = outermost;
  for (let at = 2; at < pointer.length;) {
    const field = pointer[at];
    const steps = field === 'Branches' ? 2 : field === 'ItemProcessor' || field === 'Iterator' ? 1 : 0;
    if (steps === 0) break;
    const key = JSON.stringify(pointer.slice(at - 1, at + steps));
    let next = scope.inner.get(key);
    if (!next) scope.inner.set(key, (next = newScope(scope)));
    scope = next;
    at += steps + 2;
  }
  return scope;
}

function isAssignedAbove(scope: Scope, name: string): boolean {
  for (let above = scope.outer; above; above = above.outer) if (above.names.has(name)) return true;
  return false;
}

/** Otherwise an assignment inside would seem to change the variable outside, which it cannot. */
function assignedTwice(name: string): string {
  return `Invalid variable name '${name}': a variable of this name is assigned in an outer scope.`;
}

function problemOf(name: string): string | undefined {
  if (name === 'states') return "Cannot assign to reserved variable '$states'.";
  if (!NAME.test(name)) return `Invalid variable name '${name}': the variable name contains invalid characters.`;
  if ([...name].length > MAX_NAME)
    return `Invalid variable name '${name}': the variable name exceeds ${MAX_NAME} characters.`;
  return undefined;
}
