import { PathError } from '../../asl/path/path-error.ts';
import { runtimeError } from '../../asl/states-error.ts';
import { isArray, type Json } from '../../json.ts';
import { waitForChildren } from '../fork.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import type { MapState } from '../machine.ts';
import { select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';
import { Value } from '../value.ts';

export function enterMap(turn: Turn, frame: Draft<Frame>, state: MapState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  const input = select(state.inputPath, frame.input, scope);
  scope.over(input);
  const items = itemsOf(state, input, scope);
  const json = items.json;
  if (!isArray(json)) throw runtimeError(`Reference path "${state.items?.text ?? '$'}" must point to array.`);
  const maxConcurrency = state.maxConcurrency?.(scope) ?? 0;
  turn.follow(frame, 'MapStateStarted', null, { length: json.length });
  waitForChildren(frame, { items, input, total: json.length, maxConcurrency });
}

function itemsOf(state: MapState, input: Value, scope: FrameScope): Value {
  const { items } = state;
  if (!items) return input;
  let found: Json;
  try {
    found = items.read(scope);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`Invalid path '${items.text}' : ${error.message}`);
  }
  return Value.ofJson(found);
}
