/** A rule of a Choice state has one condition. */
import { COMPARISON_NAMES } from '../fields.ts';
import type { RulePart } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';

export const checkChoices: Check = ({ rules }) =>
  rules.flatMap((rule) => (rule.language === 'JSONata' ? checkCondition(rule) : checkTest(rule)));

function checkCondition({ at, json }: RulePart): readonly Problem[] {
  return Object.hasOwn(json, 'Condition') ? [] : [schemaError(at, 'These fields are required: [Condition]')];
}

const CONDITIONS = ['And', 'Or', 'Not', 'Variable', 'Condition'];

function checkTest({ at, json }: RulePart): readonly Problem[] {
  const conditions = CONDITIONS.filter((field) => Object.hasOwn(json, field));
  const comparisons = Object.keys(json).filter((field) => COMPARISON_NAMES.has(field));
  if (conditions.length === 0 && comparisons.length > 0)
    return [schemaError(at, 'These fields are required: [Variable]')];
  if (conditions.length !== 1)
    return [schemaError(at, `The object must have only one of the following fields, [${CONDITIONS.join(', ')}]`)];
  const wanted = conditions[0] === 'Variable' ? 1 : 0;
  if (comparisons.length === wanted) return [];
  if (comparisons.length > wanted && wanted === 0)
    return [schemaError(at, `Field '${comparisons[0]}' is not supported`, { exact: at.in(comparisons[0] as string) })];
  const message =
    comparisons.length > 1
      ? `There should only be one of the following fields: [${comparisons.join(', ')}]`
      : 'A comparison is missing, such as StringEquals';
  return [schemaError(at, message)];
}
