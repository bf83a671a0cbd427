/** Every transition leads to a state of the same block, and every state is reached from StartAt. */
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { At } from './at.ts';
import type { BlockPart, StatePart } from './context.ts';
import { hasNoEnd } from './end-state.ts';
import { type Check, error, type Problem } from './problem.ts';
import { listIn, objectIn } from './take-apart.ts';

/** AWS calls every target that is missing a 'Next' target. */
const CODE = 'MISSING_TRANSITION_TARGET';

export const checkTransitions: Check = ({ blocks }) =>
  blocks.flatMap((block, i) => {
    const states = objectIn(block.json, 'States') ?? {};
    if (Object.keys(states).length === 0) return [];
    const all = [...startOf(block), ...block.states.flatMap(transitionsOf)];
    const missing = all
      .filter(({ to }) => !Object.hasOwn(states, to))
      .map(({ to, at }) => error(CODE, at, `Missing 'Next' target: ${to}`));
    // A machine that never ends has this reported of it, and no state that cannot be reached.
    return i === 0 && hasNoEnd(block) ? missing : [...missing, ...unreachable(block)];
  });

interface Transition {
  readonly to: string;
  readonly at: At;
}

function startOf({ at, json }: BlockPart): readonly Transition[] {
  return transition(json, 'StartAt', at);
}

function transitionsOf({ at, json }: StatePart): readonly Transition[] {
  const inside = ['Choices', 'Catch'].flatMap((field) =>
    listIn(json, field).flatMap((item, i) => (isObject(item) ? transition(item, 'Next', at.in(field, i)) : [])),
  );
  return [...transition(json, 'Next', at), ...transition(json, 'Default', at), ...inside];
}

function transition(json: JsonObject, field: string, at: At): readonly Transition[] {
  const to: Json | undefined = member(json, field);
  return typeof to === 'string' ? [{ to, at: at.in(field) }] : [];
}

function unreachable(block: BlockPart): readonly Problem[] {
  const starts = startOf(block);
  if (starts.length === 0) return [];
  const states = new Map(block.states.map((state) => [state.name, state]));
  const reached = new Set<string>();
  const queue = starts.map(({ to }) => to);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    for (const { to } of transitionsOf(state)) queue.push(to);
  }
  return block.states
    .filter(({ name }) => !reached.has(name))
    .map(({ name, at }) => error(CODE, at, `State "${name}" is not reachable.`));
}
