/** Every part has the fields it must have and none it may not have, and they hold what they may hold. */
import { type Json, member } from '../../json.ts';
import { isExpression } from '../rule.ts';
import type { Part } from './context.ts';
import { isDowngraded } from './query-languages.ts';
import { type Check, type Problem, schemaError } from './problem.ts';

export const checkShapes: Check = (context) =>
  context.parts.flatMap((part) => [...checkGroups(part), ...checkFields(part, isDowngraded(part, context))]);

function checkGroups({ at, json, fields }: Part): readonly Problem[] {
  const problems: Problem[] = [];
  const missing = fields.required.filter((field) => !Object.hasOwn(json, field));
  if (missing.length > 0) problems.push(schemaError(at, `These fields are required: [${missing.join(', ')}]`));
  for (const group of fields.exclusive ?? []) {
    if (group.filter((field) => stands(json, field)).length > 1)
      problems.push(schemaError(at, `There should only be one of the following fields: [${group.join(', ')}]`));
  }
  for (const group of fields.needed ?? []) {
    if (!group.some((field) => stands(json, field)))
      problems.push(schemaError(at, `This object should have only one of the following fields: [${group.join(', ')}]`));
  }
  return problems;
}

/** `"End": false` says nothing. */
function stands(json: Part['json'], field: string): boolean {
  const value = member(json, field);
  return value !== undefined && !(field === 'End' && value === false);
}

function checkFields(part: Part, downgraded: boolean): readonly Problem[] {
  return Object.entries(part.json).flatMap(([name, value]) => checkField(part, name, value, downgraded) ?? []);
}

function checkField(part: Part, name: string, value: Json, downgraded: boolean): Problem | undefined {
  const { at, fields, language } = part;
  const field = Object.hasOwn(fields.fields, name) ? fields.fields[name] : undefined;
  const exact = at.in(name);
  if (!field) {
    if (fields.open) return undefined;
    const misplaced = fields.misplaced?.includes(name) ?? false;
    return schemaError(misplaced ? at : exact, `Field '${name}' is not supported`, {
      exact,
      ...hintFor(name, fields.fields),
    });
  }
  if (field.language && field.language !== language) {
    if (downgraded) return undefined;
    const message = `The QueryLanguage is set to '${language}', but field '${name}' is only supported for the '${field.language}' QueryLanguage`;
    return schemaError(exact, message);
  }
  if (field.expression && language === 'JSONata' && isExpression(value)) return undefined;
  const message = field.rule(value);
  return message === undefined ? undefined : schemaError(exact, message);
}

/** Names are case-sensitive, which is easily missed. */
function hintFor(name: string, known: object): { hint?: string } {
  const same = Object.keys(known).find((other) => other.toLowerCase() === name.toLowerCase());
  return same === undefined ? {} : { hint: `Did you mean '${same}'?` };
}
