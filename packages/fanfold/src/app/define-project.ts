/** The project file: what `fanfold.config.ts` exports. */
import type { StatementSettings } from '../access/read-policy.ts';
import type { BucketStatement } from '../access/read-bucket-policy.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Versioning } from '../ports/buckets.ts';
import type { KeyType } from '../ports/tables.ts';
import type { ConnectionSettings } from '../services/http/connections.ts';
import type { Trigger } from '../triggers/trigger.ts';

export type { ConnectionSettings, ConnectionValue } from '../services/http/connections.ts';

export interface ProjectDefinition {
  readonly name: string;
  readonly stateMachines?: Readonly<Record<string, StateMachineSettings>>;
  /** Paths of the modules of batches, relative to the project; each exports a `batch({…})` as its default. */
  readonly batches?: readonly string[];
  readonly functions?: Readonly<Record<string, FunctionSettings>>;
  readonly buckets?: Readonly<Record<string, BucketSettings>>;
  /** What objects are encrypted with where that is asked for. @defaultValue they cannot be */
  readonly encryption?: {
    /** The environment variable that holds 32 bytes, in base64 or hex. */
    readonly key: string;
  };
  readonly tables?: Readonly<Record<string, TableSettings>>;
  readonly queues?: Readonly<Record<string, QueueSettings>>;
  readonly topics?: Readonly<Record<string, TopicSettings>>;
  /** What is told of events, and what happens at set times. */
  readonly rules?: Readonly<Record<string, RuleSettings>>;
  readonly apis?: Readonly<Record<string, ApiSettings>>;
  /** Name, or `name:revision`, by which definitions of AWS Batch jobs are submitted. */
  readonly jobDefinitions?: Readonly<Record<string, JobDefinitionSettings>>;
  readonly jobQueues?: Readonly<Record<string, JobQueueSettings>>;
  /** What jobs may take of the machine at once. `default` is there without being named: the whole of it. */
  readonly computeEnvironments?: Readonly<Record<string, ComputeEnvironmentSettings>>;
  /** Image -> the command that runs in its place, as a process of this machine. */
  readonly images?: Readonly<Record<string, ImageSettings>>;
  /** Folders that jobs share, kept in the data directory. */
  readonly volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  /** What runs an image that has no command here. @defaultValue docker, or podman, whichever is on PATH */
  readonly containers?: 'docker' | 'podman' | 'none';
  readonly triggers?: readonly TriggerSettings[];
  /** Connections, by the name that a ConnectionArn has: how the requests of `http:invoke` are authorised. */
  readonly connections?: Readonly<Record<string, ConnectionSettings>>;
  readonly http?: HttpSettings;
  readonly mail?: MailSettings;
  readonly aws?: AwsSettings;
  /** The port of `fanfold dev`, and of the links that are given away. @defaultValue 7070 */
  readonly port?: number;
  /** Where everything is kept, relative to the project. @defaultValue .fanfold */
  readonly dataDirectory?: string;
  /** What survives: `normal` the death of the process, `full` a power cut too. @defaultValue normal */
  readonly durability?: 'normal' | 'full';
  /** The most iterations of one Map at once, where the Map does not say. @defaultValue 40, as on AWS */
  readonly mapConcurrency?: number;
  /** The most tasks that are performed at once; executions have their turns. @defaultValue 1000 */
  readonly taskConcurrency?: number;
  /** Whose limits hold: AWS's, with its errors, or only what one machine needs. @defaultValue local */
  readonly limits?: Limits;
  /**
   * What functions and jobs may do that have no policy: with `least` they may use what their environment names; with `open`,
   * everything here. @defaultValue open
   */
  readonly access?: 'open' | 'least';
  /** How long finished executions are kept. @defaultValue 90 days, as on AWS */
  readonly retention?: 'forever' | RetentionSettings;
  /** How long what functions and jobs write is kept. */
  readonly logs?: LogSettings;
}

export interface LogSettings {
  /** @defaultValue 7 */
  readonly days?: number;
  /** The most that is kept of all. @defaultValue 1024 */
  readonly megabytes?: number;
}

export interface RetentionSettings {
  /** After their end. @defaultValue 90; without end where `executions` is given */
  readonly days?: number;
  /** The most finished executions to keep. */
  readonly executions?: number;
}

export interface StateMachineSettings {
  /** Path of the definition (`*.asl.json`), relative to the project, or the definition itself. */
  readonly definition: string | JsonObject;
  /** Values for the `${Name}` and `<NAME>` places of the definition. */
  readonly definitionSubstitutions?: Readonly<Record<string, string | number | boolean>>;
  /** What its tasks may do, and nothing else. @defaultValue what its definition names */
  readonly policy?: readonly StatementSettings[];
}

/** A function is one of three: a `module`, a `handler` of a `runtime`, or a `command`. */
export interface FunctionSettings {
  /** Path of the module, relative to the project; `path#name` when its handler is not called `handler`. */
  readonly module?: string;
  /** As AWS Lambda has it: `index.handler` is `handler` of `index.ts`, `.mjs`, … or `index.py` in the folder `code`. */
  readonly handler?: string;
  /** What runs the handler. @defaultValue node */
  readonly runtime?: 'node' | 'python3';
  /** Any program that speaks AWS Lambda's runtime API, and its arguments; no shell reads them. It finds `handler` as `_HANDLER`. */
  readonly command?: readonly string[];
  /** The folder of the handler, and where a program is started; relative to the project. @defaultValue the project's */
  readonly code?: string;
  /**
   * What has DynamoDB's types in its events comes as plain JSON: `{"S": "x"}`, from a table through a Map, as `"x"`.
   * @defaultValue false, as on AWS
   */
  readonly plainItems?: boolean;
  /** @defaultValue 3, as AWS Lambda has it */
  readonly timeoutSeconds?: number;
  /** MB; what takes more is killed. @defaultValue no limit */
  readonly memory?: number;
  /** The most invocations at once; 1 is one after the other. @defaultValue no limit */
  readonly concurrency?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Name -> the environment variable of the engine that holds the value: it is never stored and never shown. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Absolute path -> the name of a volume: values of `environment` and parts of `command` that begin with the path lead there. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** What it may do here, and nothing else. @defaultValue as `access` says */
  readonly policy?: readonly StatementSettings[];
  /**
   * Who may invoke it: `stateMachine:Name`, `function:Name`, `job:Name`, `api:Name`, `bucket:Name`, `topic:Name`, `rule:Name`. The owner
   * always may, and so may topics and rules that lead to it in the project file.
   * @defaultValue all whose policy allows it; of topics, rules and buckets as `access` says
   */
  readonly invokedBy?: readonly string[];
}

export interface BucketSettings {
  /** Of every object of the bucket. @defaultValue of those that are put so */
  readonly encryption?: 'AES256';
  /**
   * `Enabled` keeps what is replaced or deleted, as a version; `Suspended` keeps those that there are.
   * @defaultValue as it was set before, here or over the API; none in a new bucket
   */
  readonly versioning?: Versioning;
  /**
   * Who may do what with the bucket and its objects, as a policy of S3 has it; beside what the policies of functions, jobs
   * and state machines say. @defaultValue as it was set before, here or over the API; none in a new bucket
   */
  readonly policy?: readonly BucketStatement[];
  /** Which objects are removed after a time, and which of their versions. @defaultValue none */
  readonly expire?: readonly ExpireSettings[];
}

/** Of the objects below a prefix; one of the others is needed at least. */
export interface ExpireSettings {
  readonly prefix: string;
  /** After they were written. Where versions are kept, a delete marker is made. */
  readonly days?: number;
  /** Removes versions for good, so many days after they were replaced or deleted. @defaultValue 0 beside `keepNoncurrent` */
  readonly noncurrentDays?: number;
  /** As many of the newest of them stay all the same, of each key. @defaultValue 0 */
  readonly keepNoncurrent?: number;
}

export interface TableSettings {
  /** The name of the partition key; its type is S unless said otherwise. */
  readonly partitionKey: string | { readonly name: string; readonly type: KeyType };
  readonly sortKey?: string | { readonly name: string; readonly type: KeyType };
  /** What is more is refused, as DynamoDB throttles. @defaultValue no limit */
  readonly throughput?: ThroughputSettings;
}

/** In DynamoDB's units: one is an item of up to 1 KB written, or of up to 4 KB read. */
export interface ThroughputSettings {
  readonly readsPerSecond?: number;
  readonly writesPerSecond?: number;
  /** For how long units that were not used are kept, for a burst. @defaultValue 300, as DynamoDB's */
  readonly burstSeconds?: number;
}

/** A queue; one whose name ends with `.fifo` keeps the order within each group. */
export interface QueueSettings {
  /** How long a received message is hidden from others. @defaultValue 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** How long a new message stays hidden. @defaultValue 0 */
  readonly delaySeconds?: number;
  /** @defaultValue 345600, four days */
  readonly retentionSeconds?: number;
  /** How long a receive waits for a message where it does not say. @defaultValue 0 */
  readonly receiveWaitSeconds?: number;
  /** Of a FIFO queue: messages of the same body within five minutes are one. @defaultValue false */
  readonly contentBasedDeduplication?: boolean;
  /** Where messages go that were received so many times and not deleted. @defaultValue they stay */
  readonly deadLetters?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface TopicSettings {
  readonly subscriptions?: readonly SubscriptionSettings[];
}

/** Who gets a topic's messages: one of `queue`, `function`, `email` and `http`. */
export interface SubscriptionSettings {
  /** The name of a queue of the project. */
  readonly queue?: string;
  /** The name of a function of the project. */
  readonly function?: string;
  /** An address; here it is confirmed by being written down. */
  readonly email?: string;
  /** A URL, which gets a POST; here it is confirmed by being written down. In this network only what `http.allow` has. */
  readonly http?: string;
  /** To a queue or a URL: the message alone, without the notification around it. @defaultValue false */
  readonly raw?: boolean;
  /** A filter policy over the message's attributes. @defaultValue all messages */
  readonly filter?: Json;
}

/** A rule of the event bus: one of `pattern` and `schedule`. */
export interface RuleSettings {
  /** An EventBridge event pattern. Objects that are created are events of `aws.s3`, in the shapes of S3 and of CloudTrail. */
  readonly pattern?: JsonObject;
  /** `rate(5 minutes)`, or `cron(0 3 ? * MON-FRI *)`. */
  readonly schedule?: string;
  /** In which `cron(…)` is read. @defaultValue UTC */
  readonly timezone?: string;
  /** Of the times that passed while nothing ran here one is made up for (`once`), or none (`skip`). @defaultValue once */
  readonly missed?: 'once' | 'skip';
  /** @defaultValue true */
  readonly enabled?: boolean;
  readonly description?: string;
  readonly targets: readonly RuleTargetSettings[];
}

/** Who is told: one of `stateMachine`, `function`, `queue` and `topic`; and of what, at most one of the others. */
export interface RuleTargetSettings {
  readonly stateMachine?: string;
  readonly function?: string;
  readonly queue?: string;
  readonly topic?: string;
  /** @defaultValue the event */
  readonly input?: Json;
  /** A part of the event: `$.detail`. */
  readonly inputPath?: string;
  /** JSON in which `<name>` stands for what a path of `inputPaths` finds in the event. */
  readonly inputTemplate?: string;
  readonly inputPaths?: Readonly<Record<string, string>>;
}

export interface ApiSettings {
  readonly stage: string;
  /** `GET /orders/{id}` -> the name of a function. */
  readonly routes: Readonly<Record<string, string>>;
}

export interface JobDefinitionSettings {
  /** @defaultValue none: the command is the program */
  readonly image?: string;
  /** Follows the image's own command; `Ref::name` stands for a parameter. No shell reads it. @defaultValue [] */
  readonly command?: readonly string[];
  /** What parameters are without being given. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Name -> the environment variable of the engine that holds the value: it is never stored and never shown. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Absolute path -> the name of a volume. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** @defaultValue 1 */
  readonly vcpus?: number;
  /** MiB. @defaultValue 2048 */
  readonly memory?: number;
  /** @defaultValue 1 */
  readonly attempts?: number;
  readonly evaluateOnExit?: readonly {
    readonly action: 'RETRY' | 'EXIT';
    readonly onExitCode?: string;
    readonly onReason?: string;
    readonly onStatusReason?: string;
  }[];
  /** Of one attempt. @defaultValue no limit */
  readonly timeoutSeconds?: number;
  /** What it may do here, and nothing else. @defaultValue as `access` says */
  readonly policy?: readonly StatementSettings[];
}

export interface JobQueueSettings {
  /** @defaultValue default */
  readonly computeEnvironment?: string;
  /** The higher goes first. @defaultValue 1 */
  readonly priority?: number;
}

export interface ComputeEnvironmentSettings {
  readonly vcpus: number;
  /** MiB */
  readonly memory: number;
}

export interface ImageSettings {
  /** Program and first arguments; those that begin with `./` or `../` are relative to the project. */
  readonly command: readonly string[];
}

export interface TriggerSettings extends Omit<Trigger, 'stateMachineArn'> {
  /** The name of the state machine to start. */
  readonly stateMachine: string;
}

export interface HttpSettings {
  /**
   * Hosts, `name` or `name:port`, that `http:invoke` and topics may call although they are in this network, and without TLS.
   * @defaultValue none: public addresses only, by https
   */
  readonly allow?: readonly string[];
}

/** What goes to the real AWS. Credentials are found as the AWS SDK finds them, and the clients are the project's own packages. */
export interface AwsSettings {
  /** As in `aws-sdk:<service>`: `ssm` for `@aws-sdk/client-ssm`. One that there is here too then goes to AWS. */
  readonly services: readonly string[];
  /** @defaultValue that of AWS_REGION, or us-east-1 */
  readonly region?: string;
}

export interface MailSettings {
  /** `smtp://` or `smtps://`. @defaultValue the environment's FANFOLD_SMTP_URL; without it mails are files in the outbox folder */
  readonly smtp?: string;
  /** Sender of mails that name none. */
  readonly from?: string;
  /** Addresses and domains that SES's API takes as senders. @defaultValue `from` */
  readonly identities?: readonly string[];
}

/** Types the project; it changes nothing. */
export function defineProject(project: ProjectDefinition): ProjectDefinition {
  return project;
}
