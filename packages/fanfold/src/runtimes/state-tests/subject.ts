/** The state that is tested, out of the definition that was sent. */
import type { Definition, QueryLanguage } from '../../asl/definition.ts';
import { type Finding, formatFindings } from '../../asl/finding.ts';
import { readJson } from '../../asl/source/json.ts';
import type { Source } from '../../asl/source/source.ts';
import { validateSource } from '../../asl/validate/validate.ts';
import { compileMachine } from '../../interpreter/compile.ts';
import type { State } from '../../interpreter/machine.ts';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';

export interface Subject {
  readonly name: string;
  readonly state: State;
  /** The state as it is written. */
  readonly fields: JsonObject;
  readonly language: QueryLanguage;
}

/** What AWS calls a state that came without a machine. */
const SINGLE = 'StateName';

/** @throws ServiceError InvalidDefinition, ValidationException when the machine has no such state */
export function findSubject(definition: string, stateName: string | undefined): Subject {
  const source = sourceOf(definition, stateName);
  const findings = validateSource(source).filter(
    (finding) => finding.severity === 'ERROR' && (stateName !== undefined || !isOfWrapping(finding)),
  );
  if (findings.length > 0) throw invalidDefinition(findings);
  const compiled = compileMachine(source.json as unknown as Definition);
  if (!compiled.ok) throw invalidDefinition(compiled.error);
  const name = stateName ?? SINGLE;
  const state = compiled.value.blocks.map(({ states }) => states.get(name)).find((found) => found !== undefined);
  const fields = stateIn(source.json, name);
  if (!state || !fields) throw new ServiceError('ValidationException', 'State not found in definition');
  const machine = isObject(source.json) ? source.json : {};
  const language = (member(fields, 'QueryLanguage') ?? member(machine, 'QueryLanguage')) === 'JSONata';
  return { name, state, fields, language: language ? 'JSONata' : 'JSONPath' };
}

/** The names of the states inside of a Map or a Parallel. */
export function statesInside(fields: JsonObject): readonly string[] {
  return blocksIn(fields).flatMap((block) => {
    const states = member(block, 'States');
    if (states === undefined || !isObject(states)) return [];
    return Object.entries(states).flatMap(([name, state]) => [name, ...(isObject(state) ? statesInside(state) : [])]);
  });
}

/** A state on its own is put into a machine, after it was read: its text cannot be anything else than a state. */
function sourceOf(definition: string, stateName: string | undefined): Source {
  const read = readJson(definition);
  if (!read.ok) throw invalidDefinition([read.error]);
  if (stateName !== undefined) return read.value;
  const wrapped = readJson(`{"StartAt":"${SINGLE}","States":{"${SINGLE}":${definition}\n}}`);
  if (!wrapped.ok) throw invalidDefinition([wrapped.error]);
  return wrapped.value;
}

const OWN_TRANSITION = new RegExp(`^/States/${SINGLE}/(?:(?:Choices|Catch)\\[\\d+\\]/Next|Next|Default)$`);

/** Whether only the machine around it is to blame: where the state leads to is not there. */
function isOfWrapping({ code, location }: Finding): boolean {
  if (code === 'MISSING_END_STATE') return true;
  return code === 'MISSING_TRANSITION_TARGET' && OWN_TRANSITION.test(location ?? '');
}

function invalidDefinition(findings: readonly Finding[]): ServiceError {
  return new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${formatFindings(findings)}'`);
}

/** State names are unique in the whole machine. */
function stateIn(block: Json, name: string): JsonObject | undefined {
  const states = isObject(block) ? member(block, 'States') : undefined;
  if (states === undefined || !isObject(states)) return undefined;
  const own = member(states, name);
  if (own !== undefined && isObject(own)) return own;
  for (const state of Object.values(states)) {
    for (const inner of isObject(state) ? blocksIn(state) : []) {
      const found = stateIn(inner, name);
      if (found) return found;
    }
  }
  return undefined;
}

/** The branches of a Parallel, the processor of a Map. */
function blocksIn(state: JsonObject): readonly JsonObject[] {
  const branches = member(state, 'Branches');
  const blocks = [
    ...(branches !== undefined && isArray(branches) ? branches : []),
    member(state, 'ItemProcessor'),
    member(state, 'Iterator'),
  ];
  return blocks.filter(isObject);
}
