/** A Map whose items are child executions: it begins a map run, and waits for it as a task waits for its outcome. */
import { runtimeError } from '../../asl/states-error.ts';
import { checkResult } from '../data-limits.ts';
import { failState, TERMINAL, withinLength } from '../failure.ts';
import type { Frame, MapRunRequest, Standing } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { complete } from '../leave.ts';
import { AWS_PAYLOAD_BYTES } from '../limits.ts';
import type { DistributedMap, MapState, NumberField } from '../machine.ts';
import { countItems } from '../map-items.ts';
import { uuidOf } from '../random.ts';
import type { Draft, Turn } from '../turn.ts';
import type { Value } from '../value.ts';

/** Begins a map run; also each time the state is tried again. @throws StatesError, RangeError for data that cannot be written as text */
export function enterDistributedMap(turn: Turn, frame: Draft<Frame>, state: MapState, map: DistributedMap): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  const items = map.reader ? null : state.items(scope.over(input), input);
  turn.follow(frame, 'MapStateStarted', null, { length: items ? countItems(items) : 0 });
  const number = (field: NumberField | null | undefined): number | null => field?.(scope.over(input)) ?? null;
  const request = {
    input,
    items,
    maxConcurrency: number(state.maxConcurrency) ?? 0,
    toleratedFailureCount: number(state.toleratedFailureCount),
    toleratedFailurePercentage: percentage(number(state.toleratedFailurePercentage)),
    reader: map.reader?.parameters(scope, input) ?? null,
    maxItems: number(map.reader?.maxItems),
    maxItemsPerBatch: number(state.batcher?.maxItems),
    maxInputBytesPerBatch: batchBytes(turn, state, number(state.batcher?.maxBytes)),
    batchInput: state.batcher?.batchInput?.(scope, input) ?? null,
    writer: map.writer?.parameters?.(scope, input) ?? null,
    redrives: 0,
    mapRunArn: mapRunArn(turn, frame, map),
  };
  const { reader, batchInput, writer } = request;
  for (const value of [input, items, reader, batchInput, writer]) value?.write();
  frame.attempt += 1;
  frame.waiting = { kind: 'mapRun', ...request };
  turn.follow(frame, 'MapRunStarted', null, { mapRunArn: request.mapRunArn });
  turn.commands.push({ kind: 'mapRun', frame: frame.id, attempt: frame.attempt });
}

/** On AWS a batch ends where one more item would make it larger than an input may be, whatever else is asked for. */
function batchBytes({ execution }: Turn, { batcher }: MapState, asked: number | null): number | null {
  return batcher && execution.limits === 'aws' ? Math.min(asked ?? AWS_PAYLOAD_BYTES, AWS_PAYLOAD_BYTES) : asked;
}

function percentage(value: number | null): number | null {
  if (value !== null && (value < 0 || value > 100))
    throw runtimeError('ToleratedFailurePercentage must be between 0 and 100.');
  return value;
}

/**
 * `…:mapRun:<state machine>/<label>:<uuid>`, of which the UUID is made from the entry of the state. The run of a child's own
 * Map is named by the state machine as well.
 */
function mapRunArn(turn: Turn, { enteredEvent, attempt, state }: Frame, { label }: DistributedMap): string {
  const [machine = ''] = turn.execution.stateMachineArn.split('/');
  const uuid = uuidOf(`${turn.execution.arn}#${enteredEvent}:${attempt}`);
  return `${machine.replace(':stateMachine:', ':mapRun:')}/${label ?? uuidOf(`${machine}#${state}`)}:${uuid}`;
}

/** As on AWS the exit follows the start of the run, and only the end of the Map its end. @throws StatesError */
export function mapRunSucceeded(turn: Turn, frame: Draft<Frame>, state: MapState, output: Value): void {
  if (!state.shape.dropsResult) checkResult(turn, state.name, output);
  const succeeded = turn.record(frame.lastEvent, 'MapRunSucceeded', state.name, null, null);
  turn.record(succeeded, 'MapStateSucceeded', state.name, null, null);
  complete(turn, frame, state, output, new FrameScope(turn, frame));
}

/** What the run itself fails with is of the workflow's own making. */
export function mapRunFailed(
  turn: Turn,
  frame: Draft<Frame>,
  whole: { readonly error: string; readonly cause: string | null },
): void {
  const { error, cause } = withinLength({ error: whole.error, cause: whole.cause });
  turn.follow(frame, 'MapRunFailed', null, { ...(error !== null && { error }), ...(cause !== null && { cause }) });
  failState(turn, frame, { error, cause, terminal: error !== null && TERMINAL.has(error) });
}

/** The same run goes on, with what did not succeed. */
export function redriveMapRun(turn: Turn, frame: Draft<Frame>, was: Extract<Standing, { kind: 'mapRun' }>): void {
  const request: MapRunRequest = { ...was, redrives: was.redrives + 1 };
  frame.attempt += 1;
  frame.waiting = { kind: 'mapRun', ...request };
  turn.follow(frame, 'MapRunRedriven', null, { mapRunArn: was.mapRunArn, redriveCount: request.redrives });
  turn.commands.push({ kind: 'mapRun', frame: frame.id, attempt: frame.attempt });
}
