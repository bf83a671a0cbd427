/** Which states of a definition read which variables: `variableReferences` in AWS's descriptions of state machines. */
import { isArray, isObject, type Json, type JsonObject, member, setKey } from '../json.ts';

type Language = 'JSONPath' | 'JSONata';

/** Names of variables by the name of the state, both sorted out of the text of a definition that is valid. */
export function variableReferences(definition: string): JsonObject {
  const found = new Map<string, Set<string>>();
  const machine = JSON.parse(definition) as Json;
  if (isObject(machine)) readBlock(machine, languageOf(machine, 'JSONPath'), found);
  const references: Record<string, Json> = {};
  for (const [state, names] of found) if (names.size > 0) setKey(references, state, [...names].sort());
  return references;
}

function readBlock(block: JsonObject, language: Language, found: Map<string, Set<string>>): void {
  const states = member(block, 'States');
  if (!isObject(states)) return;
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    const names = found.get(name) ?? new Set();
    found.set(name, names);
    readState(state, languageOf(state, language), names);
    for (const inner of blocksOf(state)) readBlock(inner, language, found);
  }
}

function languageOf(part: JsonObject, inherited: Language): Language {
  const language = member(part, 'QueryLanguage');
  return language === 'JSONata' || language === 'JSONPath' ? language : inherited;
}

const BLOCKS: readonly string[] = ['ItemProcessor', 'Iterator', 'Branches'];

function blocksOf(state: JsonObject): readonly JsonObject[] {
  return BLOCKS.flatMap((field) => member(state, field) ?? [])
    .flat()
    .filter(isObject);
}

/** Fields whose content is no reference, whatever it looks like. */
const PLAIN: readonly string[] = ['Result', 'ResultPath', 'Comment', ...BLOCKS];
/** Fields with templates, in which only keys that end in `.$` refer to anything. */
const TEMPLATES: readonly string[] = [
  'Parameters',
  'ResultSelector',
  'ItemSelector',
  'Assign',
  'Credentials',
  'BatchInput',
];

function readState(part: JsonObject, language: Language, names: Set<string>): void {
  for (const [field, value] of Object.entries(part)) {
    if (PLAIN.includes(field)) continue;
    if (language === 'JSONata') readExpressions(value, names);
    else if (TEMPLATES.includes(field)) readTemplate(value, names);
    else if (typeof value === 'string' && (field.endsWith('Path') || field === 'Variable')) readPath(value, names);
    else for (const inner of [value].flat()) if (isObject(inner)) readState(inner, language, names);
  }
}

function readTemplate(value: Json, names: Set<string>): void {
  if (isArray(value)) for (const item of value) readTemplate(item, names);
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key.endsWith('.$') && typeof inner === 'string') readPath(inner, names);
    else readTemplate(inner, names);
  }
}

const PATH_TEXTS = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gsu;
const VARIABLE = /\$([\p{L}_][\p{L}\p{N}_]*)/gu;

/** A path, or a call of intrinsic functions with paths in it. */
function readPath(text: string, names: Set<string>): void {
  for (const [, name = ''] of text.replace(PATH_TEXTS, '').matchAll(VARIABLE)) names.add(name);
}

function readExpressions(value: Json, names: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('{%') && value.endsWith('%}')) readExpression(value, names);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) readExpressions(inner as Json, names);
}

const EXPRESSION_TEXTS = /\/\*.*?\*\/|`[^`]*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gsu;
const BOUND = /\$([\p{L}_][\p{L}\p{N}_]*)\s*:=|(?:function|λ)\s*\(([^)]*)\)/gu;
const READ = /\$([\p{L}_][\p{L}\p{N}_]*)(?![\p{L}\p{N}_]|\s*\()/gu;

/** Names that the expression binds itself, and those of functions, are no variables of the state machine. */
function readExpression(text: string, names: Set<string>): void {
  const code = text.replace(EXPRESSION_TEXTS, ' ');
  const own = new Set(['states', ...FUNCTIONS]);
  for (const [, bound, params = ''] of code.matchAll(BOUND)) {
    if (bound !== undefined) own.add(bound);
    for (const [, param = ''] of params.matchAll(VARIABLE)) own.add(param);
  }
  for (const [, name = ''] of code.matchAll(READ)) if (!own.has(name)) names.add(name);
}

/** JSONata's functions, and those that AWS has added: they can be passed on by name. */
const FUNCTIONS: readonly string[] = (
  'abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent ' +
  'distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber ' +
  'fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse ' +
  'parseInteger partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt ' +
  'string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip'
).split(' ');
