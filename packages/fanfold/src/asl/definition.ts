/** A state machine as it is written, after it was checked (see validate/). Our tag is the language's own `Type`. */
import type { Json, JsonObject } from '../json.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** A text between `{%` and `%}`, in states whose query language is JSONata. */
export type Expression = string;

export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
  readonly TimeoutSeconds?: number;
  readonly Version?: string;
  readonly QueryLanguage?: QueryLanguage;
}

/** A branch of a Parallel. */
export type BlockDefinition = Pick<Definition, 'Comment' | 'StartAt' | 'States'>;

/** What a Map runs for each item. */
export interface ProcessorDefinition extends BlockDefinition {
  readonly ProcessorConfig?: ProcessorConfig;
}

export interface ProcessorConfig {
  readonly Mode?: MapMode;
  /** Of the child executions; in distributed mode only. */
  readonly ExecutionType?: 'STANDARD' | 'EXPRESS';
}

interface Common {
  readonly Comment?: string;
  /** The machine's where it is not given, also inside of Map and Parallel states that have another. */
  readonly QueryLanguage?: QueryLanguage;
}

/** JSONPath: `InputPath`, `OutputPath`. JSONata: `Output`. */
interface InAndOut {
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Output?: Json;
}

interface Assigning {
  readonly Assign?: JsonObject;
}

interface Flow {
  readonly Next?: string;
  readonly End?: boolean;
}

/** JSONPath only. */
interface Shaping {
  readonly Parameters?: Json;
  readonly ResultPath?: string | null;
}

/** JSONata only. */
interface Arguments {
  readonly Arguments?: JsonObject | Expression;
}

interface Failing {
  readonly ResultSelector?: JsonObject;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher extends Assigning {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
  readonly Output?: Json;
}

export interface PassDefinition extends Common, InAndOut, Assigning, Flow, Shaping {
  readonly Type: 'Pass';
  readonly Result?: Json;
}

export interface TaskDefinition extends Common, InAndOut, Assigning, Flow, Shaping, Arguments, Failing {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Credentials?: JsonObject | Expression;
  readonly TimeoutSeconds?: number | Expression;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number | Expression;
  readonly HeartbeatSecondsPath?: string;
}

export interface ChoiceDefinition extends Common, InAndOut, Assigning {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

/** JSONPath: a comparison, or rules combined. JSONata: `Condition`. */
export type ChoiceRule = JsonObject & { readonly Next: string };

export interface WaitDefinition extends Common, InAndOut, Assigning, Flow {
  readonly Type: 'Wait';
  readonly Seconds?: number | Expression;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

export interface SucceedDefinition extends Common, InAndOut {
  readonly Type: 'Succeed';
}

export interface FailDefinition extends Common {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

export interface ParallelDefinition extends Common, InAndOut, Assigning, Flow, Shaping, Arguments, Failing {
  readonly Type: 'Parallel';
  readonly Branches: readonly BlockDefinition[];
}

export interface MapDefinition extends Common, InAndOut, Assigning, Flow, Shaping, Failing {
  readonly Type: 'Map';
  readonly ItemsPath?: string;
  readonly Items?: readonly Json[] | JsonObject | Expression;
  readonly ItemSelector?: Json;
  readonly ItemProcessor?: ProcessorDefinition;
  /** The older name of ItemProcessor. */
  readonly Iterator?: ProcessorDefinition;
  readonly MaxConcurrency?: number | Expression;
  readonly MaxConcurrencyPath?: string;
  readonly ToleratedFailureCount?: number | Expression;
  readonly ToleratedFailureCountPath?: string;
  readonly ToleratedFailurePercentage?: number | Expression;
  readonly ToleratedFailurePercentagePath?: string;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
  readonly Label?: string;
}

export interface ItemReader extends Arguments {
  readonly Resource: string;
  readonly Parameters?: Json;
  readonly ReaderConfig?: ReaderConfig;
}

export interface ReaderConfig {
  readonly InputType?: 'CSV' | 'JSON' | 'JSONL' | 'MANIFEST' | 'PARQUET';
  readonly Transformation?: 'NONE' | 'LOAD_AND_FLATTEN';
  readonly ManifestType?: 'ATHENA_DATA' | 'S3_INVENTORY';
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly CSVHeaders?: readonly string[];
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
  readonly ItemsPointer?: string;
  readonly MaxItems?: number | Expression;
  readonly MaxItemsPath?: string;
}

export interface ItemBatcher {
  readonly BatchInput?: Json;
  readonly MaxItemsPerBatch?: number | Expression;
  readonly MaxItemsPerBatchPath?: string;
  readonly MaxInputBytesPerBatch?: number | Expression;
  readonly MaxInputBytesPerBatchPath?: string;
}

export interface ResultWriter extends Arguments {
  readonly Resource?: string;
  readonly Parameters?: Json;
  readonly WriterConfig?: WriterConfig;
}

export interface WriterConfig {
  readonly Transformation: 'NONE' | 'COMPACT' | 'FLATTEN';
  readonly OutputType: 'JSON' | 'JSONL';
}

export type StateDefinition =
  | PassDefinition
  | TaskDefinition
  | ChoiceDefinition
  | WaitDefinition
  | SucceedDefinition
  | FailDefinition
  | ParallelDefinition
  | MapDefinition;

export type StateType = StateDefinition['Type'];

export type MapMode = 'INLINE' | 'DISTRIBUTED';

/** Fields that only a Map in distributed mode has. */
export const DISTRIBUTED_FIELDS: readonly (keyof MapDefinition)[] = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'Label',
];

/**
 * Where ProcessorConfig does not say the mode, fields that only a distributed Map has do: such a definition is taken by
 * validators, and none of its fields may be ignored.
 */
export function mapMode(map: Pick<MapDefinition, 'ItemProcessor' | 'Iterator'> & object): MapMode {
  const mode = (map.ItemProcessor ?? map.Iterator)?.ProcessorConfig?.Mode;
  if (mode !== undefined) return mode;
  return DISTRIBUTED_FIELDS.some((field) => Object.hasOwn(map, field)) ? 'DISTRIBUTED' : 'INLINE';
}
