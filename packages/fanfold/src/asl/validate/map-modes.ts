/** What belongs to one mode of a Map state is not used in the other. */
import { isObject, member } from '../../json.ts';
import { DISTRIBUTED_FIELDS, mapMode } from '../definition.ts';
import type { MachineType, StatePart } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';
import { objectIn } from './take-apart.ts';

export const checkMapModes: Check = ({ states, type }) =>
  states.filter((state) => state.type === 'Map').flatMap((state) => checkMap(state, type));

function checkMap(state: StatePart, type: MachineType): readonly Problem[] {
  const field = Object.hasOwn(state.json, 'Iterator') ? 'Iterator' : 'ItemProcessor';
  const config = objectIn(objectIn(state.json, field) ?? {}, 'ProcessorConfig') ?? {};
  const at = state.at.in(field, 'ProcessorConfig');
  const mode = member(config, 'Mode');
  if (mode !== 'DISTRIBUTED') {
    const isInline = mapMode(state.json) === 'INLINE';
    const members = isInline && isObject(member(state.json, 'Items'));
    const items = members ? [schemaError(state.at.in('Items'), 'Expected value of type [ARRAY]')] : [];
    const inline = Object.hasOwn(config, 'ExecutionType')
      ? [schemaError(at.in('ExecutionType'), "Field 'ExecutionType' is not supported")]
      : [];
    return [...items, ...inline, ...(mode === 'INLINE' ? checkInline(state) : [])];
  }
  if (type === 'EXPRESS') {
    const message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
    return [schemaError(at.in('Mode'), message)];
  }
  return Object.hasOwn(config, 'ExecutionType') ? [] : [schemaError(at, 'These fields are required: [ExecutionType]')];
}

function checkInline({ at, json }: StatePart): readonly Problem[] {
  return DISTRIBUTED_FIELDS.filter((field) => Object.hasOwn(json, field)).map((field) =>
    schemaError(at.in(field), `Field '${field}' is not supported`, {
      hint: 'It belongs to a Map whose ProcessorConfig has "Mode": "DISTRIBUTED".',
    }),
  );
}
