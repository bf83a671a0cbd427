/** Walks a definition and lists its parts, whatever is wrong with them. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { QueryLanguage, StateType } from '../definition.ts';
import {
  BATCHER_FIELDS,
  BLOCK_FIELDS,
  CATCHER_FIELDS,
  type Fields,
  INNER_RULE_FIELDS,
  MACHINE_FIELDS,
  PROCESSOR_CONFIG_FIELDS,
  PROCESSOR_FIELDS,
  READER_CONFIG_FIELDS,
  READER_FIELDS,
  RETRIER_FIELDS,
  RULE_FIELDS,
  STATE_FIELDS,
  UNKNOWN_STATE_FIELDS,
  WRITER_CONFIG_FIELDS,
  WRITER_FIELDS,
} from '../fields.ts';
import type { Source } from '../source/source.ts';
import { type At, ROOT } from './at.ts';
import type { BlockPart, Context, MachineType, Part, RulePart, StatePart } from './context.ts';
import { error, type Problem, schemaError } from './problem.ts';

/** How deep states may stand in Parallel and Map states. AWS has such a limit, too, and does not tell it. */
const MAX_BLOCKS = 32;

export interface TakenApart {
  readonly context: Context;
  /** What has no parts to be checked. */
  readonly problems: readonly Problem[];
}

export function takeApart(source: Source, type: MachineType): TakenApart {
  const language = languageOf(isObject(source.json) ? member(source.json, 'QueryLanguage') : undefined, 'JSONPath');
  const walk = new Walk(language);
  walk.block(source.json, ROOT, MACHINE_FIELDS);
  const { parts, blocks, states, rules, problems } = walk;
  return { context: { source, type, language, parts, blocks, states, rules }, problems };
}

/** AWS takes everything but the right words for JSONata, and says apart that the word is wrong. */
function languageOf(value: Json | undefined, inherited: QueryLanguage): QueryLanguage {
  if (value === undefined) return inherited;
  return value === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

/** The parts of a state that are single objects, and what stands inside of them. */
const INSIDE: Readonly<
  Record<string, { readonly fields: Fields; readonly inside?: Readonly<Record<string, Fields>> }>
> = {
  ItemReader: { fields: READER_FIELDS, inside: { ReaderConfig: READER_CONFIG_FIELDS } },
  ItemBatcher: { fields: BATCHER_FIELDS },
  ResultWriter: { fields: WRITER_FIELDS, inside: { WriterConfig: WRITER_CONFIG_FIELDS } },
};

class Walk {
  readonly parts: Part[] = [];
  readonly blocks: BlockPart[] = [];
  readonly states: StatePart[] = [];
  readonly rules: RulePart[] = [];
  readonly problems: Problem[] = [];
  readonly #language: QueryLanguage;
  #depth = 0;

  constructor(language: QueryLanguage) {
    this.#language = language;
  }

  block(json: Json, at: At, fields: Fields): void {
    const part = this.#part(json, at, fields, this.#language);
    if (!part) return;
    if (this.#depth > MAX_BLOCKS) {
      const message = `The states are nested more than ${MAX_BLOCKS} Parallel and Map states deep`;
      this.problems.push(error('TOO_DEEPLY_NESTED', at, message));
      return;
    }
    this.#depth += 1;
    const states: StatePart[] = [];
    this.blocks.push({ ...part, states });
    for (const [name, state] of Object.entries(objectIn(part.json, 'States') ?? {})) {
      const found = this.#state(name, state, at.in('States', name));
      if (found) states.push(found);
    }
    const config = member(part.json, 'ProcessorConfig');
    if (config !== undefined && fields === PROCESSOR_FIELDS)
      this.#part(config, at.in('ProcessorConfig'), PROCESSOR_CONFIG_FIELDS, this.#language);
    this.#depth -= 1;
  }

  #state(name: string, json: Json, at: At): StatePart | undefined {
    const type = isObject(json) ? typeOf(json) : undefined;
    const language = languageOf(isObject(json) ? member(json, 'QueryLanguage') : undefined, this.#language);
    const part = this.#part(json, at, type ? STATE_FIELDS[type] : UNKNOWN_STATE_FIELDS, language);
    if (!part) return undefined;
    const state: StatePart = { ...part, name, type };
    this.states.push(state);
    if (type) this.#inside(state, type);
    return state;
  }

  #inside(state: StatePart, type: StateType): void {
    const { json, at, fields, language } = state;
    const known = (field: string): boolean => Object.hasOwn(fields.fields, field);
    if (known('Retry')) this.#list(json, 'Retry', at, RETRIER_FIELDS, language);
    if (known('Catch')) this.#list(json, 'Catch', at, CATCHER_FIELDS, language);
    if (type === 'Choice') this.#rules(json, 'Choices', at, language, false);
    if (type === 'Parallel')
      for (const [i, branch] of listIn(json, 'Branches').entries())
        this.block(branch, at.in('Branches', i), BLOCK_FIELDS);
    if (type === 'Map') this.#map(state);
  }

  #map({ json, at, language }: StatePart): void {
    for (const field of ['ItemProcessor', 'Iterator']) {
      const processor = objectIn(json, field);
      if (processor) this.block(processor, at.in(field), PROCESSOR_FIELDS);
    }
    for (const [field, { fields, inside }] of Object.entries(INSIDE)) {
      const found = objectIn(json, field);
      if (!found) continue;
      this.#part(found, at.in(field), fields, language);
      for (const [inner, innerFields] of Object.entries(inside ?? {})) {
        const value = objectIn(found, inner);
        if (value) this.#part(value, at.in(field, inner), innerFields, language);
      }
    }
  }

  #list(json: JsonObject, field: string, at: At, fields: Fields, language: QueryLanguage): void {
    for (const [i, item] of listIn(json, field).entries()) this.#part(item, at.in(field, i), fields, language);
  }

  #rules(json: JsonObject, field: string, at: At, language: QueryLanguage, inner: boolean): void {
    for (const [i, rule] of listIn(json, field).entries()) this.#rule(rule, at.in(field, i), language, inner);
  }

  #rule(json: Json, at: At, language: QueryLanguage, inner: boolean): void {
    const part = this.#part(json, at, inner ? INNER_RULE_FIELDS : RULE_FIELDS, language);
    if (!part) return;
    this.rules.push({ ...part, inner });
    this.#rules(part.json, 'And', at, language, true);
    this.#rules(part.json, 'Or', at, language, true);
    const not = objectIn(part.json, 'Not');
    if (not) this.#rule(not, at.in('Not'), language, true);
  }

  #part(json: Json, at: At, fields: Fields, language: QueryLanguage): Part | undefined {
    if (!isObject(json)) {
      this.problems.push(schemaError(at, 'Expected value of type [OBJECT]'));
      return undefined;
    }
    const part: Part = { at, json, fields, language };
    this.parts.push(part);
    return part;
  }
}

function typeOf(state: JsonObject): StateType | undefined {
  const type = member(state, 'Type');
  return typeof type === 'string' && Object.hasOwn(STATE_FIELDS, type) ? (type as StateType) : undefined;
}

/** The member, if it is an object; what it should be is checked with the fields. */
export function objectIn(json: JsonObject, field: string): JsonObject | undefined {
  const value = member(json, field);
  return isObject(value) ? value : undefined;
}

/** The member's items, if it is a list. */
export function listIn(json: JsonObject, field: string): readonly Json[] {
  const value = member(json, field);
  return isArray(value) ? value : [];
}
