/** The patterns of EventBridge rules and SNS filter policies. */
import { BlockList, isIP } from 'node:net';
import { equalJson, isArray, isObject, type Json, type JsonObject, member } from '../json.ts';

/** What a leaf of a pattern may say of a value; undefined stands for one that is not there. */
type Operator = (operand: Json, value: Json | undefined) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: (operand, value) => onText(operand, value, (text, part) => text.startsWith(part)),
  suffix: (operand, value) => onText(operand, value, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (operand, value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  wildcard: (operand, value) => typeof value === 'string' && matchesWildcard(String(operand), value),
  cidr: (operand, value) => typeof value === 'string' && isIP(value) > 0 && isWithin(String(operand), value),
  // Of an object, its members are there.
  exists: (operand, value) => (value !== undefined && !isObject(value)) === (operand === true),
  numeric: (operand, value) => typeof value === 'number' && isArray(operand) && inRange(operand, value),
  'anything-but': (operand, value) =>
    value !== undefined && !alternativesOf(operand).some((one) => matchesLeaf(one, value)),
};

/** A text, or `{ "equals-ignore-case": text }`. */
function onText(operand: Json, value: Json | undefined, fits: (text: string, part: string) => boolean): boolean {
  if (typeof value !== 'string') return false;
  if (!isObject(operand)) return fits(value, String(operand));
  return fits(value.toLowerCase(), String(operand['equals-ignore-case']).toLowerCase());
}

/** `{ "prefix": ["a", "b"] }` stands for one match with each. */
function alternativesOf(operand: Json): readonly Json[] {
  if (isArray(operand)) return operand;
  const [[name = '', parts] = []] = isObject(operand) ? Object.entries(operand) : [];
  return isArray(parts) ? parts.map((part) => ({ [name]: part })) : [operand];
}

/** Stars stand for any text, and are meant themselves behind a backslash. Takes time in proportion to both texts, multiplied. */
function matchesWildcard(pattern: string, value: string): boolean {
  const parts = wildcardParts(pattern);
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return value === first;
  const last = rest.pop() ?? '';
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}

/** What stands between the stars. */
function wildcardParts(pattern: string): readonly string[] {
  const parts = [''];
  for (const [token] of pattern.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
  }
  return parts;
}

function isWithin(range: string, address: string): boolean {
  const list = blockList(range);
  return list?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ?? false;
}

function blockList(range: string): BlockList | undefined {
  const [network = '', bits = '', more] = range.split('/');
  const version = isIP(network);
  if (version === 0 || more !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 6 ? 128 : 32))
    return undefined;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  return list;
}

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

const EXCLUDED: ReadonlySet<string> = new Set(['prefix', 'suffix', 'equals-ignore-case', 'wildcard']);

function findExclusionProblem(operand: Json): string | undefined {
  const alternatives = alternativesOf(operand);
  if (alternatives.length === 0) return "'anything-but' is an empty list";
  for (const one of alternatives) {
    if (one === null || typeof one === 'boolean')
      return "'anything-but' takes texts and numbers, no null, true or false";
    if (isArray(one) || (isObject(one) && isArray(operand))) return "'anything-but' must be a list of texts or numbers";
    if (!isObject(one)) continue;
    const [name = ''] = Object.keys(one);
    if (!EXCLUDED.has(name)) return `'anything-but' may have ${[...EXCLUDED].join(', ')}, not '${name}'`;
    const problem = findLeafProblem([one], "'anything-but'");
    if (problem !== undefined) return problem;
  }
  return undefined;
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
  if (name === 'anything-but') return findExclusionProblem(operand);
  if (name === 'cidr')
    return typeof operand === 'string' && blockList(operand) ? undefined : "'cidr' must be a range such as 10.0.0.0/24";
  if ((name === 'prefix' || name === 'suffix') && isObject(operand))
    return Object.keys(operand).join() === 'equals-ignore-case' && typeof operand['equals-ignore-case'] === 'string'
      ? undefined
      : `'${name}' must be a text, or a text under 'equals-ignore-case'`;
  if (name === 'wildcard' && typeof operand === 'string' && /(?<!\\)(?:\\\\)*\*\*/.test(operand))
    return "'wildcard' has consecutive wildcard characters";
  if (name !== 'numeric') return typeof operand === 'string' ? undefined : `'${name}' must be a text`;
  const fits =
    isArray(operand) &&
    (operand.length === 2 || operand.length === 4) &&
    operand.every((one, i) => (i % 2 === 0 ? Object.hasOwn(COMPARISONS, String(one)) : typeof one === 'number'));
  return fits ? undefined : '\'numeric\' must be one or two comparisons: [">", 0, "<=", 10]';
}
