/** Triggers over the real buckets, whose executions only begin and end: a test says when. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Execution } from '../interpreter/execution.ts';
import type { StartParams } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { type ManualClock, manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import type { ObjectOrigin } from './error-report.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import type { Trigger } from './trigger.ts';

export const BUCKET = 'alpha-bucket';
export const INTAKE: Trigger = {
  name: 'intake',
  bucket: BUCKET,
  prefix: 'in/',
  suffix: '.csv',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:intake',
};

export class Intake {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'fanfold-intake-'));
  readonly local: LocalObjects = openLocalObjects({ directory: this.directory, buckets: [BUCKET] });
  readonly clock: ManualClock = manualClock();
  readonly logger: ReturnType<typeof recordingLogger> = recordingLogger();
  /** Each execution that was started, in the order of the starts; its origin until it has ended. */
  readonly started: Map<string, ObjectOrigin | undefined> = new Map();
  readonly inputs: string[] = [];
  readonly rejected: [string, string][] = [];
  /** May throw, and nothing is started then. */
  refuse: (params: StartParams) => void = () => {};
  #notifications: Notifications | undefined;

  /** As a process that begins with these triggers. */
  begin(triggers: readonly Trigger[]): void {
    this.#notifications = createNotifications({
      triggers,
      events: this.local.events,
      objects: this.local.objects,
      executions: {
        start: async (params) => this.#start(params),
        describe: async (arn) => {
          if (!this.started.has(arn))
            throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
          return { status: this.started.get(arn) ? 'RUNNING' : 'SUCCEEDED' } as Execution;
        },
      },
      reject: async ({ key }, reason) => void this.rejected.push([key, reason]),
      sync: async () => {},
      clock: this.clock,
      logger: this.logger,
      region: 'us-east-1',
      account: '000000000000',
    });
    this.#notifications.start();
  }

  #start(params: StartParams): { executionArn: string; startDate: Date; existing: boolean } {
    this.refuse(params);
    const executionArn = `arn:aws:states:us-east-1:000000000000:execution:intake:${params.name}`;
    const existing = this.started.has(executionArn);
    if (existing && !this.started.get(executionArn))
      throw new ServiceError('ExecutionAlreadyExists', 'Execution Already Exists');
    if (!existing) {
      this.started.set(executionArn, params.origin as ObjectOrigin);
      this.inputs.push(params.input ?? '{}');
    }
    return { executionArn, startDate: new Date(0), existing };
  }

  async put(...keys: string[]): Promise<void> {
    for (const key of keys) await this.write(key, key);
    await this.idle();
  }

  async write(key: string, body: string | Uint8Array): Promise<void> {
    await this.local.objects.put({ bucket: BUCKET, key, body });
  }

  async idle(): Promise<void> {
    await this.#notifications?.idle();
  }

  /** The execution of an object has ended. */
  async end(key: string): Promise<void> {
    for (const [arn, origin] of this.started) {
      if (origin?.key !== key) continue;
      this.endUnheard(arn);
      this.#notifications?.ended(origin);
      break;
    }
    await this.idle();
  }

  /** An execution has ended, and nobody was told. */
  endUnheard(arn: string): void {
    this.started.set(arn, undefined);
  }

  /** As a process that ends; another one may begin. */
  async close(): Promise<void> {
    await this.#notifications?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await this.local.close();
    rmSync(this.directory, { recursive: true });
  }

  running(): string[] {
    return [...this.started.values()].flatMap((origin) => origin?.key ?? []);
  }

  pending(): string[] {
    return this.local.events.pending(100).map((event) => event.object.key);
  }
}
