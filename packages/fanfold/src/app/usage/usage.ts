/** What an execution has used, with everything beneath it, as the histories tell. */
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Executions } from '../../ports/executions.ts';

export interface Usage {
  /** The execution itself, those that it started, and the children of its map runs. */
  readonly executions: number;
  /** States entered by STANDARD executions, once more for each retry and each redrive, as AWS bills them. */
  readonly transitions: number;
  readonly functionCalls: number;
  /** From a function's start to its end. */
  readonly functionSeconds: number;
  readonly jobs: number;
  readonly jobSeconds: number;
  /** Seconds times vCPUs, each job counted for at least a minute, as Fargate bills it. */
  readonly vcpuSeconds: number;
  /** Seconds times GB, likewise. */
  readonly gigabyteSeconds: number;
  readonly tableReads: number;
  readonly tableWrites: number;
  readonly apiCalls: number;
  /** Sent to topics and queues. */
  readonly messages: number;
}

export type UsageCounts = { -readonly [name in keyof Usage]: Usage[name] };

/** What a container has when its description does not say, as in Batch's smallest definitions here. */
const CONTAINER = { vcpus: 1, memory: 2048 };
const LEAST_JOB_SECONDS = 60;

/**
 * Counts an execution that has ended, or what it has used until now. Reads all histories, a page at a time.
 *
 * @throws ServiceError ExecutionDoesNotExist
 */
export async function usageOf(
  executions: Pick<Executions, 'describe' | 'history' | 'list'>,
  executionArn: string,
): Promise<Usage> {
  const counts = emptyUsage();
  const seen = new Set([executionArn]);
  const add = (arn: unknown): void => {
    if (typeof arn === 'string') seen.add(arn);
  };
  // A set gives what is added while it is walked.
  for (const arn of seen) {
    const { transitions } = await executions.describe(arn);
    counts.executions += 1;
    counts.transitions += transitions;
    const counter = createUsageCounter(counts);
    for await (const event of eventsOf(executions, arn)) {
      counter.count(event);
      add(startedExecution(event));
      const mapRunArn = event.mapRunStartedEventDetails?.['mapRunArn'];
      if (typeof mapRunArn === 'string') for await (const child of childrenOf(executions, mapRunArn)) add(child);
    }
  }
  return counts;
}

export function emptyUsage(): UsageCounts {
  return {
    executions: 0,
    transitions: 0,
    functionCalls: 0,
    functionSeconds: 0,
    jobs: 0,
    jobSeconds: 0,
    vcpuSeconds: 0,
    gigabyteSeconds: 0,
    tableReads: 0,
    tableWrites: 0,
    apiCalls: 0,
    messages: 0,
  };
}

/** Counts the events of one execution, in their order. */
export interface UsageCounter {
  count(event: HistoryEvent): void;
}

export function createUsageCounter(counts: UsageCounts): UsageCounter {
  /** When a task that has begun did so, by its last event. */
  const begun = new Map<number, number>();
  return {
    count(event) {
      const { type, id, previousEventId, timestamp } = event;
      const at = timestamp.getTime();
      if (/^(Task|LambdaFunction)(Started|Submitted)$/.test(type)) {
        begun.set(id, type.endsWith('Submitted') ? (begun.get(previousEventId) ?? at) : at);
        begun.delete(previousEventId);
        return;
      }
      if (!/^(Task|LambdaFunction)(Succeeded|Failed|TimedOut)$/.test(type)) return;
      const seconds = (at - (begun.get(previousEventId) ?? at)) / 1000;
      begun.delete(previousEventId);
      const details = detailsOf(event);
      if (type.startsWith('Lambda')) countFunction(counts, seconds);
      else
        COUNTED[String(details['resourceType'])]?.(counts, { seconds, action: String(details['resource']), details });
    },
  };
}

interface EndedTask {
  readonly seconds: number;
  /** `submitJob.sync`, `putItem`, … */
  readonly action: string;
  readonly details: JsonObject;
}

/** By the first part of a Task's resource. */
const COUNTED: Readonly<Record<string, (counts: UsageCounts, task: EndedTask) => void>> = {
  lambda: (counts, { seconds }) => countFunction(counts, seconds),
  batch: countJob,
  eks: countJob,
  dynamodb: (counts, { action }) => {
    if (/^(get|query|scan|batchGet)/.test(action)) counts.tableReads += 1;
    else counts.tableWrites += 1;
  },
  apigateway: (counts) => {
    counts.apiCalls += 1;
  },
  sns: countMessage,
  sqs: countMessage,
};

function countFunction(counts: UsageCounts, seconds: number): void {
  counts.functionCalls += 1;
  counts.functionSeconds += seconds;
}

function countMessage(counts: UsageCounts): void {
  counts.messages += 1;
}

function countJob(counts: UsageCounts, { seconds, details }: EndedTask): void {
  const { vcpus, memory } = containerOf(details['output'] ?? details['cause']);
  const billed = Math.max(seconds, LEAST_JOB_SECONDS);
  counts.jobs += 1;
  counts.jobSeconds += seconds;
  counts.vcpuSeconds += billed * vcpus;
  counts.gigabyteSeconds += (billed * memory) / 1024;
}

/** What a job's description says that its container had. */
function containerOf(description: Json | undefined): typeof CONTAINER {
  const found = { ...CONTAINER };
  const { Container } = parsed(description) as {
    readonly Container?: {
      readonly ResourceRequirements?: readonly { readonly Type: string; readonly Value: string }[];
    };
  };
  for (const { Type, Value } of Container?.ResourceRequirements ?? []) {
    if (Type === 'VCPU') found.vcpus = Number(Value);
    if (Type === 'MEMORY') found.memory = Number(Value);
  }
  return found;
}

/** The execution that a `states:startExecution` began. */
function startedExecution({ type, taskSubmittedEventDetails, taskSucceededEventDetails }: HistoryEvent): unknown {
  const details = type === 'TaskSubmitted' ? taskSubmittedEventDetails : taskSucceededEventDetails;
  if (details?.['resourceType'] !== 'states') return undefined;
  return parsed(details['output'])['ExecutionArn'];
}

function detailsOf(event: HistoryEvent): JsonObject {
  return (Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1] as JsonObject | undefined) ?? {};
}

function parsed(text: Json | undefined): JsonObject {
  if (typeof text !== 'string' || !text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}

async function* eventsOf(executions: Pick<Executions, 'history'>, executionArn: string): AsyncGenerator<HistoryEvent> {
  for (let after: number | undefined; ;) {
    const page = await executions.history({ executionArn, limit: 1000, ...(after !== undefined && { after }) });
    yield* page.events;
    if (page.next === undefined) return;
    after = page.next;
  }
}

async function* childrenOf(executions: Pick<Executions, 'list'>, mapRunArn: string): AsyncGenerator<string> {
  for (let after: string | undefined; ;) {
    const page = await executions.list({ mapRunArn, limit: 1000, ...(after !== undefined && { after }) });
    for (const { arn } of page.executions) yield arn;
    if (page.next === undefined) return;
    after = page.next;
  }
}
