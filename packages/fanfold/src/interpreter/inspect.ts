/**
 * A state that tells what it makes on the way. Its closures are wrapped, so that a state that nobody inspects pays
 * nothing. What is told, and for which type of state, follows what AWS's TestState tells.
 */
import type { QueryLanguage } from '../asl/definition.ts';
import { isArray, type Json } from '../json.ts';
import { createBatching } from './batching.ts';
import type { FrameScope } from './frame-scope.ts';
import { itemsIn, plainInput } from './map-items.ts';
import type { Batcher, MapState, ParallelState, State, TaskState } from './machine.ts';
import type { See, Shape } from './shape.ts';
import { EMPTY_OBJECT, Value } from './value.ts';

/** TestState's `inspectionData`, as far as the state itself makes it: JSON texts, and a Map's numbers. */
export type Inspection = Readonly<Record<string, string | number>>;

export interface InspectOptions {
  readonly language: QueryLanguage;
  /** What the state is entered with. */
  readonly input: Value;
  /** Gets what the state makes, as it makes it. */
  readonly into: Record<string, string | number>;
  /** A Map's items, where its ItemReader reads them. */
  readonly items: ReadItems | null;
}

/** What an ItemReader would read. */
export interface ReadItems {
  readonly value: Value;
  /** What its ItemsPointer points to, where it has one. */
  readonly pointed: Value | null;
}

/** The state, which tells. A Map or a Parallel waits for one result from outside, as a task does. */
export function inspected(state: State, options: InspectOptions): State {
  const { language, into } = options;
  const see: See = (stage, value) => {
    into[stage] = value.text;
  };
  const { shape } = state;
  const jsonpath = language === 'JSONPath';
  switch (state.type) {
    case 'Pass':
      if (!jsonpath) return state;
      if (state.result) return { ...state, shape: tellingOutput(shape, see, true) };
      return { ...state, shape: tellingOutput(tellingInput(tellingParameters(shape, see, true), see), see, false) };
    case 'Task': {
      const output = tellingOutput(shape, see, true);
      if (!jsonpath) return { ...state, shape: tellingArguments(output, see) };
      const takesInput = state.resource.kind === 'function';
      return { ...state, shape: tellingInput(tellingParameters(output, see, takesInput), see) };
    }
    case 'Map':
      return mockedMap(state, options, see);
    case 'Parallel':
      return asTask(state, jsonpath ? tellingOutput(shape, see, false) : shape);
    case 'Choice':
    case 'Wait':
    case 'Succeed':
      return jsonpath ? { ...state, shape: tellingInput(shape, see) } : state;
    case 'Fail':
      // It shapes nothing, and AWS tells what it would begin with all the same.
      if (jsonpath) see('afterInputPath', options.input);
      return state;
    default:
      return state satisfies never;
  }
}

function tellingInput(shape: Shape, see: See): Shape {
  return { ...shape, input: (scope) => told(see, 'afterInputPath', shape.input(scope)) };
}

function tellingParameters(shape: Shape, see: See, takesInput: boolean): Shape {
  const make = shape.arguments ?? ((_, input) => (takesInput ? input : EMPTY_OBJECT));
  return { ...shape, arguments: (scope, input) => told(see, 'afterParameters', make(scope, input)) };
}

function tellingArguments(shape: Shape, see: See): Shape {
  const make = shape.arguments;
  return make ? { ...shape, arguments: (scope, input) => told(see, 'afterArguments', make(scope, input)) } : shape;
}

function tellingOutput(shape: Shape, see: See, tellsResult: boolean): Shape {
  return {
    ...shape,
    output: (scope, result) => {
      if (tellsResult) see('result', result);
      return shape.output(scope, result, see);
    },
  };
}

function told(see: See, stage: string, value: Value): Value {
  see(stage, value);
  return value;
}

/** The state as one that asks for work once. What it would give to its children are the parameters of that. */
function asTask(state: MapState | ParallelState, shape: Shape): TaskState {
  const { name, next, retry, catch: catchers } = state;
  return {
    type: 'Task',
    name,
    next,
    retry,
    catch: catchers,
    shape,
    resource: { arn: '', kind: 'integration', service: '', action: '', pattern: 'requestResponse' },
    timeout: null,
    heartbeat: null,
    credentials: null,
  };
}

/** Its parameters are the inputs of its iterations. */
function mockedMap(map: MapState, { language, into, items: given }: InspectOptions, see: See): TaskState {
  const jsonpath = language === 'JSONPath';
  const iterations = (scope: FrameScope, input: Value): Value => {
    scope.over(input);
    const items = given?.value ?? map.items(scope, input);
    if (given?.pointed) see('afterItemsPointer', given.pointed);
    else if (jsonpath && !given) see('afterItemsPath', items);
    into['maxConcurrency'] = map.maxConcurrency?.(scope.over(input)) ?? 0;
    if (map.toleratedFailureCount) into['toleratedFailureCount'] = map.toleratedFailureCount(scope.over(input));
    if (map.toleratedFailurePercentage)
      into['toleratedFailurePercentage'] = map.toleratedFailurePercentage(scope.over(input));
    const inputs = selectEach(map, items, scope, input);
    if (map.itemSelector) see('afterItemSelector', inputs);
    if (!map.batcher) return inputs;
    return told(see, 'afterItemBatcher', batchesOf(map.batcher, inputs, scope, input));
  };
  const shape = jsonpath ? tellingInput(tellingOutput(map.shape, see, false), see) : map.shape;
  return asTask(map, { ...shape, arguments: iterations });
}

function selectEach({ itemSelector }: MapState, items: Value, scope: FrameScope, input: Value): Value {
  if (!itemSelector) return isArray(items.json) ? items : Value.ofJson([...itemsIn(items)].map(plainInput));
  return Value.array([...itemsIn(items)].map((item) => itemSelector(scope.forItem(item), input)));
}

function batchesOf({ maxItems, maxBytes, batchInput }: Batcher, inputs: Value, scope: FrameScope, input: Value): Value {
  const batching = createBatching({
    most: maxItems?.(scope.over(input)),
    bytes: maxBytes?.(scope.over(input)),
    batchInput: batchInput?.(scope, input),
  });
  const full = listOf(inputs).flatMap((item) => batching.add(Value.ofJson(item)) ?? []);
  return Value.array([...full, batching.end()].flatMap((batch) => batch?.input ?? []));
}

function listOf(value: Value): readonly Json[] {
  return isArray(value.json) ? value.json : [];
}
