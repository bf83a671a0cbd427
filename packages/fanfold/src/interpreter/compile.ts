/** Compiles a checked definition. What only compiling shows (a bad path, template or rule) comes back as findings. */
import { ChoiceError } from '../asl/choice.ts';
import {
  type Definition,
  type MapDefinition,
  mapMode,
  type ReaderConfig,
  type WriterConfig,
} from '../asl/definition.ts';
import type { Finding } from '../asl/finding.ts';
import { parseResource, type Resource } from '../asl/resource.ts';
import { isArray, isObject, type Json } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { createJsonataLanguage } from './jsonata-language.ts';
import { createJsonpathLanguage } from './jsonpath-language.ts';
import type { Fields, Language } from './language.ts';
import type {
  Batcher,
  Block,
  DistributedMap,
  Failing,
  Machine,
  MapState,
  Reader,
  Retrier,
  State,
  TaskState,
  Writer,
} from './machine.ts';
import { EMPTY_OBJECT, Value } from './value.ts';

export function compileMachine(definition: Definition): Result<Machine, readonly Finding[]> {
  const compiler = new Compiler((definition as unknown as Fields).QueryLanguage);
  compiler.block(definition as unknown as Fields, '');
  if (compiler.findings.length > 0) return fail(compiler.findings);
  return ok({
    blocks: compiler.blocks,
    timeoutSeconds: definition.TimeoutSeconds ?? null,
    resources: compiler.resources,
  });
}

type QueryLanguage = 'JSONPath' | 'JSONata';

class Compiler {
  readonly findings: Finding[] = [];
  readonly blocks: Block[] = [];
  readonly resources = new Map<string, Resource>();
  readonly #default: QueryLanguage;
  readonly #languages: Readonly<Record<QueryLanguage, Language>>;

  /** Within the item processor of a distributed Map whose children are EXPRESS executions. */
  #inExpress = false;

  constructor(queryLanguage: Json | undefined) {
    const attempt = <T>(at: string, run: () => T, otherwise: () => T): T => this.attempt(at, run, otherwise);
    this.#default = queryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath';
    this.#languages = {
      JSONPath: createJsonpathLanguage(attempt, (at, message) => this.add(at, message)),
      JSONata: createJsonataLanguage(attempt),
    };
  }

  /** @returns the block's number */
  block(definition: Fields, at: string): number {
    const states = new Map<string, State>();
    const number = this.blocks.push({ startAt: String(definition.StartAt), states }) - 1;
    for (const [name, state] of Object.entries(fieldsOf(definition.States)))
      states.set(name, this.state(name, fieldsOf(state), `${at}/States/${name}`));
    return number;
  }

  state(name: string, state: Fields, at: string): State {
    const language = this.#languages[(state.QueryLanguage as QueryLanguage | undefined) ?? this.#default];
    const next = typeof state.Next === 'string' ? state.Next : null;
    const base = { name, next, shape: language.shape(state, at) };
    const type = state.Type as State['type'];
    switch (type) {
      case 'Pass':
        return { ...base, type, result: state.Result === undefined ? null : Value.ofJson(state.Result) };
      case 'Task':
        return { ...base, type, ...this.failing(language, state, at), ...this.task(name, language, state, at) };
      case 'Choice':
        return {
          ...base,
          type,
          choices: listOf(state.Choices).map((rule, i) => language.choice(fieldsOf(rule), `${at}/Choices[${i}]`)),
          otherwise: typeof state.Default === 'string' ? state.Default : null,
        };
      case 'Wait':
        return { ...base, type, until: language.until(state, at) };
      case 'Succeed':
        return { ...base, type };
      case 'Fail':
        return { ...base, type, error: language.text(state, 'Error', at), cause: language.text(state, 'Cause', at) };
      case 'Parallel':
        return {
          ...base,
          type,
          ...this.failing(language, state, at),
          branches: listOf(state.Branches).map((branch, i) => this.block(fieldsOf(branch), `${at}/Branches[${i}]`)),
        };
      case 'Map':
        return { ...base, type, ...this.failing(language, state, at), ...this.map(language, state, at) };
      default:
        return type satisfies never;
    }
  }

  task(
    name: string,
    language: Language,
    state: Fields,
    at: string,
  ): Pick<TaskState, 'resource' | 'timeout' | 'heartbeat' | 'credentials'> {
    const arn = String(state.Resource);
    const resource = parseResource(arn);
    if (resource) this.resources.set(name, resource);
    else
      this.add(`${at}/Resource`, `The resource '${arn}' is not the ARN of a function, an activity or an integration`);
    return {
      resource: resource ?? { arn, kind: 'integration', service: '', action: '', pattern: 'requestResponse' },
      timeout: language.number(state, 'TimeoutSeconds', at),
      heartbeat: language.number(state, 'HeartbeatSeconds', at),
      credentials: language.credentials(state, at),
    };
  }

  map(
    language: Language,
    state: Fields,
    at: string,
  ): Omit<MapState, keyof Failing | 'name' | 'next' | 'shape' | 'type'> {
    const field = state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor';
    const processor = fieldsOf(state[field]);
    const distributed =
      mapMode(state as unknown as MapDefinition) === 'DISTRIBUTED'
        ? this.distributed(language, state, fieldsOf(processor.ProcessorConfig), at)
        : null;
    return {
      distributed,
      items: language.items(state, at, distributed !== null),
      itemSelector: language.itemSelector(state, at),
      maxConcurrency: language.number(state, 'MaxConcurrency', at),
      toleratedFailureCount: language.number(state, 'ToleratedFailureCount', at),
      toleratedFailurePercentage: language.number(state, 'ToleratedFailurePercentage', at),
      batcher:
        state.ItemBatcher === undefined
          ? null
          : this.batcher(language, fieldsOf(state.ItemBatcher), `${at}/ItemBatcher`),
      processor: this.processor(processor, distributed, `${at}/${field}`),
    };
  }

  /** @returns the block's number */
  processor(processor: Fields, distributed: DistributedMap | null, at: string): number {
    const outer = this.#inExpress;
    if (outer && distributed) this.add(at, 'A distributed Map cannot be in the EXPRESS children of another one');
    this.#inExpress ||= distributed?.type === 'EXPRESS';
    const number = this.block(processor, at);
    this.#inExpress = outer;
    return number;
  }

  distributed(language: Language, state: Fields, config: Fields, at: string): DistributedMap {
    const { ItemReader, ResultWriter, Label } = state;
    return {
      type: config.ExecutionType === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      label: typeof Label === 'string' ? Label : null,
      reader: ItemReader === undefined ? null : this.reader(language, fieldsOf(ItemReader), `${at}/ItemReader`),
      writer: ResultWriter === undefined ? null : this.writer(language, fieldsOf(ResultWriter), `${at}/ResultWriter`),
    };
  }

  reader(language: Language, reader: Fields, at: string): Reader {
    const config = fieldsOf(reader.ReaderConfig);
    return {
      action: String(reader.Resource).endsWith(':listObjectsV2') ? 'listObjectsV2' : 'getObject',
      parameters: language.parameters(reader, at) ?? (() => EMPTY_OBJECT),
      config: config as ReaderConfig,
      maxItems: language.number(config, 'MaxItems', `${at}/ReaderConfig`),
    };
  }

  writer(language: Language, writer: Fields, at: string): Writer {
    return {
      parameters: language.parameters(writer, at),
      config: (writer.WriterConfig ?? DEFAULT_WRITER_CONFIG) as unknown as WriterConfig,
    };
  }

  batcher(language: Language, batcher: Fields, at: string): Batcher {
    return {
      maxItems: language.number(batcher, 'MaxItemsPerBatch', at),
      maxBytes: language.number(batcher, 'MaxInputBytesPerBatch', at),
      batchInput: language.batchInput(batcher, at),
    };
  }

  failing(language: Language, state: Fields, at: string): Failing {
    return {
      retry: listOf(state.Retry).map((item) => retrier(fieldsOf(item))),
      catch: listOf(state.Catch).map((item, i) => {
        const catcher = fieldsOf(item);
        const errors = listOf(catcher.ErrorEquals).map(String);
        return { errors, next: String(catcher.Next), ...language.catcher(catcher, `${at}/Catch[${i}]`) };
      }),
    };
  }

  attempt<T>(at: string, run: () => T, otherwise: () => T): T {
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

const DEFAULT_WRITER_CONFIG: Fields = { Transformation: 'NONE', OutputType: 'JSON' };

/** Seconds; where MaxDelaySeconds sets no bound, the delay still has one that a clock can hold. */
const LONGEST_DELAY = 99_999_999;

function retrier(definition: Fields): Retrier {
  const number = (field: string, otherwise: number): number => (definition[field] as number | undefined) ?? otherwise;
  return {
    errors: listOf(definition.ErrorEquals).map(String),
    intervalSeconds: number('IntervalSeconds', 1),
    maxAttempts: number('MaxAttempts', 3),
    backoffRate: number('BackoffRate', 2),
    maxDelaySeconds: number('MaxDelaySeconds', LONGEST_DELAY),
    fullJitter: definition.JitterStrategy === 'FULL',
  };
}

function fieldsOf(json: Json | undefined): Fields {
  return json !== undefined && isObject(json) ? json : {};
}

function listOf(json: Json | undefined): readonly Json[] {
  return json !== undefined && isArray(json) ? json : [];
}
