/** What a Task's resource answers: which operation of which model, and under which names. */
import type { Resource } from '../../asl/resource.ts';

/** How a response of Step Functions differs from the model. */
export interface Naming {
  /** The names that a member of the model may have. */
  readonly namesOf: (member: string) => readonly string[];
  /** Members that hold any JSON here: what the model has as text was parsed. */
  readonly anything: readonly string[];
}

export interface Response extends Naming {
  readonly model: string;
  readonly operation: string;
  /** The part of what the operation answers that is the result. */
  readonly member: readonly string[];
}

interface Integration {
  readonly model: string;
  readonly anything?: Readonly<Record<string, readonly string[]>>;
  /** What `.sync` waits for is described by another operation. */
  readonly sync?: Readonly<
    Record<
      string,
      { readonly operation: string; readonly member?: readonly string[]; readonly anything?: readonly string[] }
    >
  >;
}

const DESCRIBED_EXECUTION = { operation: 'DescribeExecution' } as const;

/** Optimised integrations, by the name in the ARN. Others answer in ways of their own (HTTP, API Gateway, EKS). */
const OPTIMISED: Readonly<Record<string, Integration>> = {
  athena: { model: 'athena', sync: { startQueryExecution: { operation: 'GetQueryExecution' } } },
  batch: { model: 'batch', sync: { submitJob: { operation: 'DescribeJobs', member: ['jobs', '*'] } } },
  codebuild: { model: 'codebuild' },
  databrew: { model: 'databrew' },
  dynamodb: { model: 'dynamodb' },
  ecs: { model: 'ecs', sync: { runTask: { operation: 'DescribeTasks', member: ['tasks', '*'] } } },
  elasticmapreduce: { model: 'emr' },
  'emr-containers': { model: 'emr-containers' },
  'emr-serverless': { model: 'emr-serverless' },
  events: { model: 'events' },
  glue: { model: 'glue', sync: { startJobRun: { operation: 'GetJobRun', member: ['JobRun'] } } },
  lambda: { model: 'lambda', anything: { invoke: ['Payload'] } },
  sns: { model: 'sns' },
  sqs: { model: 'sqs' },
  states: {
    model: 'stepfunctions',
    sync: {
      startExecution: DESCRIBED_EXECUTION,
      'startExecution:2': { ...DESCRIBED_EXECUTION, anything: ['input', 'output'] },
    },
  },
};

/** Names of `aws-sdk` services, which are those of the Java SDK, where the model's is another. */
const SDK_MODELS: Readonly<Record<string, string>> = {
  bedrockruntime: 'bedrock-runtime',
  cloudwatchlogs: 'logs',
  emrcontainers: 'emr-containers',
  emrserverless: 'emr-serverless',
  eventbridge: 'events',
  rdsdata: 'rds-data',
  redshiftdata: 'redshift-data',
  sfn: 'stepfunctions',
};

/** Models that `aws-sdk` services have under their own name. */
const SDK_SAME: ReadonlySet<string> = new Set(
  `apigateway athena batch bedrock cloudwatch codebuild comprehend databrew dynamodb ecr ecs eks emr firehose glue kinesis
  kms lambda polly rekognition s3 scheduler secretsmanager ses sesv2 sns sqs ssm sts textract transcribe translate`.split(
    /\s+/,
  ),
);

const SDK = 'aws-sdk:';

/** Undefined for what has no table, or answers what somebody sends back with a task token. */
export function responseOf({ kind, service, action, pattern }: Resource): Response | undefined {
  if (kind !== 'integration' || pattern === 'waitForTaskToken') return undefined;
  const [bare = '', version = ''] = action.split(/\.sync/);
  if (service.startsWith(SDK)) {
    const name = service.slice(SDK.length).toLowerCase();
    const model = Object.hasOwn(SDK_MODELS, name) ? SDK_MODELS[name] : SDK_SAME.has(name) ? name : undefined;
    if (model === undefined) return undefined;
    return { model, operation: capitalise(bare), member: [], namesOf: (member) => [sdkName(member)], anything: [] };
  }
  const integration = Object.hasOwn(OPTIMISED, service) ? OPTIMISED[service] : undefined;
  if (!integration) return undefined;
  const { model, sync, anything } = integration;
  const namesOf = (member: string): readonly string[] => [...new Set([capitalise(member), sdkName(member)])];
  if (pattern !== 'sync')
    return { model, operation: capitalise(bare), member: [], namesOf, anything: anything?.[bare] ?? [] };
  const described = sync?.[`${bare}${version}`];
  if (!described) return undefined;
  return {
    model,
    operation: described.operation,
    member: described.member ?? [],
    namesOf,
    anything: described.anything ?? [],
  };
}

/**
 * The Java SDK lowers the run of capitals that a name begins with, and Step Functions raises the first letter again:
 * `SSEKMSKeyId` is `SsekmsKeyId`, `ETag` stays.
 */
export function sdkName(member: string): string {
  const run = /^[A-Z]+(?![a-z])|^[A-Z]/.exec(member)?.[0] ?? '';
  return capitalise(run.toLowerCase() + member.slice(run.length));
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
