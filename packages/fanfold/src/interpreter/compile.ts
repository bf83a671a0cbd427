/** Compiles a checked definition. What only compiling shows (a bad path, template or rule) comes back as findings. */
import { ChoiceError, compileChoiceRule } from '../asl/choice.ts';
import type {
  BlockDefinition,
  Catcher as CatcherDefinition,
  Definition,
  MapDefinition,
  Retrier as RetrierDefinition,
  StateDefinition,
  TaskDefinition,
  WaitDefinition,
} from '../asl/definition.ts';
import type { Finding } from '../asl/finding.ts';
import { compilePath, type Path } from '../asl/path/path.ts';
import { PathError } from '../asl/path/path-error.ts';
import { parseResource, type Resource } from '../asl/resource.ts';
import type { Expression, Scope } from '../asl/scope.ts';
import { runtimeError } from '../asl/states-error.ts';
import { compileDynamic, compileTemplate } from '../asl/template.ts';
import { parseTimestamp } from '../asl/timestamp.ts';
import { isArray, isObject, type Json } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Block, Catcher, Failing, Machine, NumberField, Retrier, Selection, State, TextField } from './machine.ts';
import { Value } from './value.ts';

export function compileMachine(definition: Definition): Result<Machine, readonly Finding[]> {
  const compiler = new Compiler();
  compiler.block(definition, '');
  if (compiler.findings.length > 0) return fail(compiler.findings);
  return ok({
    blocks: compiler.blocks,
    timeoutSeconds: definition.TimeoutSeconds ?? null,
    resources: compiler.resources,
  });
}

class Compiler {
  readonly findings: Finding[] = [];
  readonly blocks: Block[] = [];
  readonly resources = new Map<string, Resource>();

  /** @returns the block's number */
  block(definition: BlockDefinition, at: string): number {
    const states = new Map<string, State>();
    const number = this.blocks.push({ startAt: definition.StartAt, states }) - 1;
    for (const [name, state] of Object.entries(definition.States))
      states.set(name, this.state(name, state, `${at}/States/${name}`));
    return number;
  }

  state(name: string, definition: StateDefinition, at: string): State {
    const base = {
      name,
      inputPath: this.selection(definition, 'InputPath', at),
      outputPath: this.selection(definition, 'OutputPath', at),
      next: 'Next' in definition ? (definition.Next ?? null) : null,
    };
    switch (definition.Type) {
      case 'Pass':
        return {
          ...base,
          ...this.shaping(definition, at),
          type: 'Pass',
          result: definition.Result === undefined ? null : Value.ofJson(definition.Result),
        };
      case 'Task':
        return {
          ...base,
          ...this.shaping(definition, at),
          ...this.failing(definition, at),
          ...this.task(name, definition, at),
        };
      case 'Choice':
        return {
          ...base,
          type: 'Choice',
          choices: definition.Choices.map((choice, i) => ({
            condition: this.compile(
              `${at}/Choices[${i}]`,
              () => compileChoiceRule(choice),
              () => () => false,
            ),
            next: choice.Next,
          })),
          otherwise: definition.Default ?? null,
        };
      case 'Wait':
        return { ...base, type: 'Wait', until: this.until(definition, at) };
      case 'Succeed':
        return { ...base, type: 'Succeed' };
      case 'Fail':
        return {
          ...base,
          type: 'Fail',
          error: this.text(definition.Error, definition.ErrorPath, 'ErrorPath', at),
          cause: this.text(definition.Cause, definition.CausePath, 'CausePath', at),
        };
      case 'Parallel':
        return {
          ...base,
          ...this.shaping(definition, at),
          ...this.failing(definition, at),
          type: 'Parallel',
          branches: definition.Branches.map((branch, i) => this.block(branch, `${at}/Branches[${i}]`)),
        };
      case 'Map':
        return { ...base, ...this.failing(definition, at), ...this.map(definition, at) };
      default:
        return definition satisfies never;
    }
  }

  task(
    name: string,
    definition: TaskDefinition,
    at: string,
  ): Pick<State & { type: 'Task' }, 'type' | 'resource' | 'timeout' | 'heartbeat'> {
    const resource = parseResource(definition.Resource);
    if (resource) this.resources.set(name, resource);
    else
      this.add(
        `${at}/Resource`,
        `The resource '${definition.Resource}' is not the ARN of a function, an activity or an integration`,
      );
    return {
      type: 'Task',
      resource: resource ?? {
        arn: definition.Resource,
        kind: 'integration',
        service: '',
        action: '',
        pattern: 'requestResponse',
      },
      timeout: this.number(definition.TimeoutSeconds, definition.TimeoutSecondsPath, 'TimeoutSecondsPath', at),
      heartbeat: this.number(definition.HeartbeatSeconds, definition.HeartbeatSecondsPath, 'HeartbeatSecondsPath', at),
    };
  }

  map(
    definition: MapDefinition,
    at: string,
  ): Omit<State & { type: 'Map' }, 'name' | 'inputPath' | 'outputPath' | 'next' | keyof Failing> {
    const selector = definition.ItemSelector ?? definition.Parameters;
    const field = definition.ItemSelector === undefined ? 'Parameters' : 'ItemSelector';
    const processor = definition.ItemProcessor ?? definition.Iterator;
    return {
      type: 'Map',
      resultPath: this.selection(definition, 'ResultPath', at),
      items: definition.ItemsPath === undefined ? null : this.path(definition.ItemsPath, `${at}/ItemsPath`),
      itemSelector: selector === undefined ? null : this.template(selector, `${at}/${field}`),
      maxConcurrency: this.number(definition.MaxConcurrency, definition.MaxConcurrencyPath, 'MaxConcurrencyPath', at),
      processor: processor
        ? this.block(processor, `${at}/${definition.ItemProcessor ? 'ItemProcessor' : 'Iterator'}`)
        : 0,
    };
  }

  shaping(
    definition: { Parameters?: Json; ResultPath?: string | null },
    at: string,
  ): { parameters: Expression | null; resultPath: Selection } {
    return {
      parameters: definition.Parameters === undefined ? null : this.template(definition.Parameters, `${at}/Parameters`),
      resultPath: this.selection(definition, 'ResultPath', at),
    };
  }

  failing(
    definition: { ResultSelector?: Json; Retry?: readonly RetrierDefinition[]; Catch?: readonly CatcherDefinition[] },
    at: string,
  ): Failing {
    return {
      resultSelector:
        definition.ResultSelector === undefined
          ? null
          : this.template(definition.ResultSelector, `${at}/ResultSelector`),
      retry: (definition.Retry ?? []).map(retrier),
      catch: (definition.Catch ?? []).map((catcher, i): Catcher => ({
        errors: catcher.ErrorEquals,
        next: catcher.Next,
        resultPath: this.selection(catcher, 'ResultPath', `${at}/Catch[${i}]`),
      })),
    };
  }

  selection(definition: object, field: 'InputPath' | 'OutputPath' | 'ResultPath', at: string): Selection {
    const text = (definition as Readonly<Record<string, string | null | undefined>>)[field];
    if (text === null) return 'nothing';
    if (text === undefined || text === '$') return 'all';
    const path = this.path(text, `${at}/${field}`);
    if (field === 'ResultPath' && (!path.reference || path.root.kind !== 'input'))
      this.add(`${at}/${field}`, `The ResultPath '${text}' is not a reference path`);
    return path;
  }

  path(text: string, at: string): Path {
    return this.compile(
      at,
      () => compilePath(text),
      () => compilePath('$'),
    );
  }

  template(template: Json, at: string): Expression {
    return this.compile(
      at,
      () => compileTemplate(template),
      () => () => null,
    );
  }

  number(literal: number | undefined, path: string | undefined, field: string, at: string): NumberField | null {
    if (literal !== undefined) return () => literal;
    if (path === undefined) return null;
    const compiled = this.path(path, `${at}/${field}`);
    return (scope) => {
      const value = readField(compiled, scope);
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
      throw runtimeError(
        `The ${field} field refers to value "${display(value)}" which is not a valid integer: ${path}`,
      );
    };
  }

  text(literal: string | undefined, path: string | undefined, field: string, at: string): TextField | null {
    if (literal !== undefined) return () => literal;
    if (path === undefined) return null;
    const compiled = this.compile(
      `${at}/${field}`,
      () => compileDynamic(path, field),
      () => () => null,
    );
    return (scope) => {
      const value = compiled(scope);
      if (typeof value === 'string') return value;
      throw runtimeError(`The ${field} field refers to a value that is not a string: ${path}`);
    };
  }

  until(definition: WaitDefinition, at: string): (scope: Scope, now: number) => number {
    if (definition.Seconds !== undefined) {
      const wait = definition.Seconds * 1000;
      return (_, now) => now + wait;
    }
    if (definition.Timestamp !== undefined) {
      const until = parseTimestamp(definition.Timestamp);
      if (until === undefined) this.add(`${at}/Timestamp`, 'String does not match RFC3339 timestamp');
      return () => until ?? 0;
    }
    const text = definition.SecondsPath ?? definition.TimestampPath ?? '$';
    const path = this.path(text, `${at}/${definition.SecondsPath === undefined ? 'TimestampPath' : 'SecondsPath'}`);
    return definition.SecondsPath === undefined ? timestampUntil(path) : secondsUntil(path);
  }

  /** Runs a compilation; what it throws becomes a finding, and `otherwise` stands in so that the walk goes on. */
  compile<T>(at: string, run: () => T, otherwise: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.add(error instanceof ChoiceError ? at + error.pointer : at, error.message);
      return otherwise();
    }
  }

  add(location: string, message: string): void {
    this.findings.push({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location });
  }
}

/** Seconds; where MaxDelaySeconds sets no bound, the delay still has one that a clock can hold. */
const LONGEST_DELAY = 99_999_999;

function retrier(definition: RetrierDefinition): Retrier {
  return {
    errors: definition.ErrorEquals,
    intervalSeconds: definition.IntervalSeconds ?? 1,
    maxAttempts: definition.MaxAttempts ?? 3,
    backoffRate: definition.BackoffRate ?? 2,
    maxDelaySeconds: definition.MaxDelaySeconds ?? LONGEST_DELAY,
    fullJitter: definition.JitterStrategy === 'FULL',
  };
}

function secondsUntil(path: Path): (scope: Scope, now: number) => number {
  return (scope, now) => {
    const value = readWait(path, 'SecondsPath', scope);
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw runtimeError(
        `The SecondsPath parameter cannot be parsed as a long value: ${path.text} == ${display(value)}`,
      );
    if (value < 0)
      throw runtimeError(`The SecondsPath parameter references a negative value: ${path.text} == ${value}`);
    return now + value * 1000;
  };
}

function timestampUntil(path: Path): (scope: Scope) => number {
  return (scope) => {
    const value = readWait(path, 'TimestampPath', scope);
    const until = typeof value === 'string' ? parseTimestamp(value) : undefined;
    if (until !== undefined) return until;
    throw runtimeError(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${display(value)}`,
    );
  };
}

function readWait(path: Path, field: string, scope: Scope): Json {
  try {
    return path.read(scope);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`The ${field} parameter does not reference an input value: ${path.text}`);
  }
}

function readField(path: Path, scope: Scope): Json {
  try {
    return path.read(scope);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`Invalid path '${path.text}' : ${error.message}`);
  }
}

function display(value: Json): string {
  return isObject(value) || isArray(value) ? JSON.stringify(value) : String(value);
}
