/** The patterns of EventBridge rules and SNS filter policies. */
import { equalJson, isArray, isObject, type Json, type JsonObject, member } from '../json.ts';

/** What a leaf of a pattern may say of a value; undefined stands for one that is not there. */
type Operator = (operand: Json, value: Json | undefined) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: (operand, value) => typeof value === 'string' && value.startsWith(String(operand)),
  suffix: (operand, value) => typeof value === 'string' && value.endsWith(String(operand)),
  'equals-ignore-case': (operand, value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  exists: (operand, value) => (value !== undefined) === (operand === true),
  numeric: (operand, value) => typeof value === 'number' && isArray(operand) && inRange(operand, value),
  'anything-but': (operand, value) =>
    value !== undefined && !(isArray(operand) ? operand : [operand]).some((one) => matchesLeaf(one, value)),
};

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function inRange(operand: readonly Json[], value: number): boolean {
  for (let i = 0; i < operand.length; i += 2)
    if (!COMPARISONS[String(operand[i])]?.(value, Number(operand[i + 1]))) return false;
  return operand.length > 0;
}

function matchesLeaf(leaf: Json, value: Json | undefined): boolean {
  if (!isObject(leaf)) return value !== undefined && equalJson(leaf, value);
  return Object.entries(leaf).every(([name, operand]) => OPERATORS[name]?.(operand, value) ?? false);
}

/** @param pattern that {@link findPatternProblem} has nothing against */
export function matchesPattern(pattern: JsonObject, value: JsonObject): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or' && isArray(wanted)) return wanted.some((one) => isObject(one) && matchesPattern(one, value));
    const found = member(value, name);
    if (!isArray(wanted))
      return (
        isObject(wanted) &&
        (isArray(found) ? found : [found ?? {}]).some((one) => isObject(one) && matchesPattern(wanted, one))
      );
    const values: readonly (Json | undefined)[] = isArray(found) ? (found.length > 0 ? found : [undefined]) : [found];
    return wanted.some((leaf) => values.some((one) => matchesLeaf(leaf, one)));
  });
}

/** @returns what is wrong with a pattern, with its place, or undefined */
export function findPatternProblem(pattern: Json, at = ''): string | undefined {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    return `${at || 'the pattern'} must be an object that is not empty`;
  for (const [name, wanted] of Object.entries(pattern)) {
    const place = at ? `${at}.${name}` : name;
    const problem =
      name === '$or'
        ? findOrProblem(wanted, place)
        : isArray(wanted)
          ? findLeafProblem(wanted, place)
          : findPatternProblem(wanted, place);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findOrProblem(wanted: Json, place: string): string | undefined {
  if (!isArray(wanted) || wanted.length < 2) return `${place} must be a list of at least two patterns`;
  return wanted.map((one, i) => findPatternProblem(one, `${place}[${i}]`)).find((problem) => problem !== undefined);
}

function findLeafProblem(leaves: readonly Json[], place: string): string | undefined {
  if (leaves.length === 0) return `${place} is an empty list`;
  for (const leaf of leaves) {
    if (isArray(leaf)) return `${place} has a list within a list`;
    if (!isObject(leaf)) continue;
    const names = Object.keys(leaf);
    const [name = ''] = names;
    if (names.length !== 1) return `${place} has a match of more than one kind`;
    if (!Object.hasOwn(OPERATORS, name))
      return `${place}: the match '${name}' is not available here; there are ${Object.keys(OPERATORS).join(', ')}`;
    const problem = findOperandProblem(name, leaf[name] as Json);
    if (problem !== undefined) return `${place}: ${problem}`;
  }
  return undefined;
}

function findOperandProblem(name: string, operand: Json): string | undefined {
  if (name === 'exists') return typeof operand === 'boolean' ? undefined : "'exists' must be true or false";
  if (name === 'anything-but')
    return isObject(operand)
      ? findLeafProblem([operand], "'anything-but'")
      : isArray(operand) && operand.some((one) => isObject(one) || isArray(one))
        ? "'anything-but' must be a list of texts or numbers"
        : undefined;
  if (name !== 'numeric') return typeof operand === 'string' ? undefined : `'${name}' must be a text`;
  const fits =
    isArray(operand) &&
    (operand.length === 2 || operand.length === 4) &&
    operand.every((one, i) => (i % 2 === 0 ? Object.hasOwn(COMPARISONS, String(one)) : typeof one === 'number'));
  return fits ? undefined : '\'numeric\' must be one or two comparisons: [">", 0, "<=", 10]';
}
