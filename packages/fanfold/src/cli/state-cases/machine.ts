/** A state machine that cases are about, and which of its states they have reached. */
import { validateSource } from '../../asl/index.ts';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { DefinitionText } from '../definition-text.ts';
import { UsageError } from '../exit.ts';

export interface MachineUnderTest {
  readonly path: string;
  /** As JSON. */
  readonly text: string;
  readonly startAt: string;
  /** The type of each state, those inside of others included, in the order of the definition. */
  readonly states: ReadonlyMap<string, string>;
}

/** @throws UsageError with every error of the definition */
export function readMachine({ path, source }: DefinitionText): MachineUnderTest {
  const findings = source.ok ? validateSource(source.value) : [source.error];
  const errors = findings.filter(({ severity }) => severity === 'ERROR');
  if (!source.ok || errors.length > 0) {
    const lines = errors.map(
      ({ line, column, code, message }) => `${path}:${line ?? 1}:${column ?? 1}: ${code}: ${message}`,
    );
    throw new UsageError(`${lines.join('\nfanfold: ')}`);
  }
  const json = source.value.json as JsonObject;
  return {
    path,
    text: JSON.stringify(json),
    startAt: String(json['StartAt']),
    states: new Map(statesIn(json)),
  };
}

function* statesIn(block: Json): Generator<[string, string]> {
  const states = isObject(block) ? member(block, 'States') : undefined;
  if (states === undefined || !isObject(states)) return;
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    yield [name, String(state['Type'])];
    const branches = member(state, 'Branches');
    const blocks = [
      ...(branches !== undefined && isArray(branches) ? branches : []),
      member(state, 'ItemProcessor'),
      member(state, 'Iterator'),
    ];
    for (const inner of blocks) if (inner !== undefined) yield* statesIn(inner);
  }
}
