/** What a choice rule asks, in one short line. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { shorten } from './words.ts';

/** The most parts of an And or Or that are written out. */
const MAX_PARTS = 4;
const MAX_VALUE = 60;

const COMPARISONS: Readonly<Record<string, string>> = {
  Equals: '==',
  LessThan: '<',
  LessThanEquals: '<=',
  GreaterThan: '>',
  GreaterThanEquals: '>=',
  Matches: 'matches',
};

const KINDS: Readonly<Record<string, string>> = {
  IsPresent: 'present',
  IsNull: 'null',
  IsString: 'a string',
  IsNumeric: 'a number',
  IsBoolean: 'a boolean',
  IsTimestamp: 'a timestamp',
};

const COMPARISON = /^(?:String|Numeric|Boolean|Timestamp)([A-Z][A-Za-z]*?)(Path)?$/;

/** @param rule of a Choice state that was validated */
export function describeRule(rule: JsonObject): string {
  const condition = member(rule, 'Condition');
  return condition === undefined ? test(rule) : expression(condition);
}

function expression(condition: Json): string {
  if (typeof condition !== 'string') return JSON.stringify(condition);
  return condition
    .replace(/^\s*\{%|%\}\s*$/g, '')
    .trim()
    .replace(/\s+/g, ' ');
}

function test(rule: JsonObject): string {
  for (const [operator, joint] of [
    ['And', ' and '],
    ['Or', ' or '],
  ] as const) {
    const parts = member(rule, operator);
    if (isArray(parts)) return joined(parts, joint);
  }
  const not = member(rule, 'Not');
  return isObject(not) ? `not (${test(not)})` : comparison(rule);
}

function joined(rules: readonly Json[], joint: string): string {
  const shown = rules.length > MAX_PARTS ? rules.slice(0, MAX_PARTS - 1) : rules;
  const parts = shown.map((rule) => {
    if (!isObject(rule)) return '';
    const text = test(rule);
    return Object.hasOwn(rule, 'And') || Object.hasOwn(rule, 'Or') ? `(${text})` : text;
  });
  const more = rules.length - shown.length;
  return [...parts, ...(more > 0 ? [`${more} more`] : [])].join(joint);
}

function comparison(rule: JsonObject): string {
  const variable = shown(member(rule, 'Variable'));
  for (const [operator, operand] of Object.entries(rule)) {
    const kind = Object.hasOwn(KINDS, operator) ? KINDS[operator] : undefined;
    if (kind !== undefined) return `${variable} is ${operand === false ? 'not ' : ''}${kind}`;
    const [, name = '', path] = COMPARISON.exec(operator) ?? [];
    const sign = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
    if (sign !== undefined) return `${variable} ${sign} ${path === undefined ? quoted(operand) : shown(operand)}`;
  }
  return variable;
}

function shown(value: Json | undefined): string {
  return typeof value === 'string' ? shorten(value, MAX_VALUE) : '';
}

function quoted(value: Json): string {
  return JSON.stringify(typeof value === 'string' ? shorten(value, MAX_VALUE) : value);
}
