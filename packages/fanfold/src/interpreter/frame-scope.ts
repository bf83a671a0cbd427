/** What the expressions of a state may read, made from the state's frame and the frames above it. */
import type { Scope } from '../asl/scope.ts';
import { formatTimestamp } from '../asl/timestamp.ts';
import { isObject, type Json, type JsonObject, member } from '../json.ts';
import type { Frame } from './frame.ts';
import { itemAt, type MapItem } from './map-items.ts';
import { stateOf } from './state-of.ts';
import { taskToken } from './task-token.ts';
import type { Turn } from './turn.ts';
import type { Value } from './value.ts';

export class FrameScope implements Scope {
  readonly #turn: Turn;
  readonly #frame: Frame;
  readonly #item: MapItem | undefined;
  #input: Value;
  #result: Value | undefined;
  #errorOutput: Value | undefined;
  #context: JsonObject | undefined;

  /** @param item of the child that is about to be forked; otherwise it is found in the frames above */
  constructor(turn: Turn, frame: Frame, item?: MapItem) {
    this.#turn = turn;
    this.#frame = frame;
    this.#input = frame.input;
    this.#item = item;
  }

  /** The input that the state was entered with. */
  get rawInput(): Value {
    return this.#frame.input;
  }

  /** `$states` of JSONata: input and context, and the result or the error where there is one. */
  get states(): JsonObject {
    return {
      input: this.rawInput.json,
      context: this.context(),
      ...(this.#result && { result: this.#result.json }),
      ...(this.#errorOutput && { errorOutput: this.#errorOutput.json }),
    };
  }

  /** The same scope, after the state's work gave a result. */
  withResult(result: Value): this {
    this.#result = result;
    return this;
  }

  /** The same scope, after the state's work failed and was caught. */
  withErrorOutput(errorOutput: Value): this {
    this.#errorOutput = errorOutput;
    return this;
  }

  get input(): Json {
    return this.#input.json;
  }

  /** The same scope over another `$`. */
  over(input: Value): this {
    this.#input = input;
    return this;
  }

  /** A scope of the same frame, for the input of one iteration. */
  forItem(item: MapItem): FrameScope {
    return new FrameScope(this.#turn, this.#frame, item);
  }

  context(): Json {
    this.#context ??= this.#makeContext();
    return this.#context;
  }

  variable(name: string): Json | undefined {
    for (let frame: Frame | undefined = this.#frame; frame; frame = this.#above(frame)) {
      const variables = frame.variables?.json;
      const value = variables !== undefined && isObject(variables) ? member(variables, name) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  random(): number {
    return this.#turn.random();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#turn.at;
  }

  uuid(): string {
    return this.#turn.uuid();
  }

  #above(frame: Frame): Frame | undefined {
    return frame.parent === null ? undefined : this.#turn.peek(frame.parent);
  }

  /** AWS's context object (ASL, context object). */
  #makeContext(): JsonObject {
    const { execution } = this.#turn;
    const frame = this.#frame;
    const item = this.#item ?? this.#itemAbove();
    const { probe } = this.#turn;
    if (probe) return { ...probe.context, ...mapOf(item) };
    const token = this.#token();
    return {
      Execution: {
        Id: execution.arn,
        Input: execution.input.json,
        StartTime: formatTimestamp(execution.startedAt),
        Name: execution.name,
        RoleArn: execution.roleArn,
        RedriveCount: execution.redrive?.count ?? 0,
        ...(execution.redrive && { RedriveTime: formatTimestamp(execution.redrive.at) }),
      },
      StateMachine: {
        Id: execution.stateMachineArn,
        Name: execution.stateMachineArn.slice(execution.stateMachineArn.lastIndexOf(':') + 1),
      },
      State: {
        Name: frame.state,
        EnteredTime: formatTimestamp(frame.enteredAt),
        ...('retry' in stateOf(this.#turn, frame) && { RetryCount: frame.retries.reduce((sum, n) => sum + n, 0) }),
      },
      ...mapOf(item),
      ...(token !== undefined && { Task: { Token: token } }),
    };
  }

  /** What answers the task that the frame is at; only tasks that wait to be answered have one. */
  #token(): string | undefined {
    const { execution, outside } = this.#turn;
    const { id: frame, attempt } = this.#frame;
    const state = stateOf(this.#turn, this.#frame);
    if (state.type !== 'Task' || state.resource.pattern !== 'waitForTaskToken') return undefined;
    if (outside.tokenSecret === undefined) return undefined;
    return taskToken(outside.tokenSecret, {
      executionArn: execution.arn,
      startedAt: execution.startedAt,
      frame,
      attempt,
    });
  }

  #itemAbove(): MapItem | undefined {
    for (let frame: Frame | undefined = this.#frame; frame;) {
      const parent = this.#above(frame);
      if (parent?.waiting.kind === 'children' && parent.waiting.items) return itemAt(parent.waiting.items, frame.index);
      frame = parent;
    }
    return undefined;
  }
}

function mapOf(item: MapItem | undefined): JsonObject {
  if (!item) return {};
  const { index, key, value, source } = item;
  const found = {
    ...(key !== undefined && { Key: key }),
    Value: value,
    ...(source !== undefined && { Source: source }),
  };
  return { Map: { Item: { Index: index, ...found } } };
}
