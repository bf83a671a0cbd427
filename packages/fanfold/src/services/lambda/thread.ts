/**
 * The host's end of one worker thread. A thread runs many invocations at once.
 *
 * It is `open` until it is retired (it ends once its invocations are done) or ends. When an invocation runs out of time
 * it is settled and aborted, and the thread's loop is pinged: a loop that does not answer is blocked, and the thread is
 * ended. Whoever had invocations on a thread that ended gets them back through `onEnd`.
 */
import type { Worker } from 'node:worker_threads';
import type { Work, WorkerKey, WorkerKeys } from '../../access/sessions.ts';
import { DiskError, isDiskFailure } from '../../database/disk-error.ts';
import type { InvokeResult } from '../../ports/functions.ts';
import type { Deadlines } from './deadlines.ts';
import { exitMessage } from './exit-message.ts';
import { createHostCalls, describeFailure } from './host-calls.ts';
import type { Flight, Invocation } from './invocation.ts';
import {
  type AbortReason,
  createBatch,
  type FromWorker,
  isAfter,
  type LogLine,
  monotonic,
  type RemoteCall,
  type ToWorker,
  type WorkerSettings,
} from './protocol.ts';
import type { RemoteServices } from './remote-methods.ts';
import { startFunctionsWorker } from './start-worker.ts';
import { PassingMap } from '../../passing-map.ts';
import { machineNameOf } from '../../state-machine-arn.ts';

/** How long a blocked loop may leave a ping unanswered. */
const GRACE_MS = 500;
/** A function's first invocation on a worker may take this much longer: its module has to load. As on AWS. */
const LOADING_MS = 10_000;

export interface FunctionHost extends RemoteServices {
  log(line: LogLine): void;
  /** @throws ServiceError AccessDeniedException when a role may not make this call. @defaultValue all may */
  readonly authorise?: (role: string, call: RemoteCall) => void;
}

/** Why a thread ended while it had invocations: for a reason that has nothing to do with them, or perhaps by one of them. */
export type EndReason = { readonly kind: 'displaced' } | { readonly kind: 'crashed'; readonly message: string };

export interface ThreadParams {
  readonly settings: Pick<WorkerSettings, 'functions' | 'objectsModule'>;
  /** Asked when the thread is told what it is for. */
  readonly env: (key: WorkerKey | undefined) => Readonly<Record<string, string>>;
  readonly keys: WorkerKeys | undefined;
  readonly memoryMb: number | undefined;
  /** URLs of modules that it loads before it is asked for them. @defaultValue none */
  readonly preload?: readonly string[] | undefined;
  readonly host: FunctionHost;
  /** As whom its functions call others. */
  readonly role: string;
  readonly deadlines: Deadlines<Flight>;
  /** The last of its invocations is done. */
  onIdle(thread: Thread): void;
  /** It takes no more invocations. */
  onRetire(thread: Thread): void;
  /** Called once, with the invocations that it leaves unsettled. */
  onEnd(thread: Thread, left: readonly Invocation[], reason: EndReason): void;
}

export class Thread {
  readonly #params: ThreadParams;
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #flights = new PassingMap<number, Flight>();
  readonly #loaded = new Set<string>();
  readonly #batch = createBatch<ToWorker>(
    (messages) => this.#worker.postMessage(messages),
    (message, error) => {
      if ('id' in message) this.#post({ kind: 'refusal', id: message.id, error: describeFailure(error) });
    },
  );
  readonly #calls: ReturnType<typeof createHostCalls>;
  readonly #key: WorkerKey | undefined;
  #lastId = 0;
  #state: 'open' | 'retiring' | 'ended' = 'open';
  #endReason: EndReason | undefined;
  #failure: Error | undefined;
  #grace: NodeJS.Timeout | undefined;
  #pingAgain = false;

  /** @param worker started before, and told nothing yet. @defaultValue one is started */
  constructor(params: ThreadParams, worker: Worker = startFunctionsWorker(params)) {
    this.#params = params;
    const { host, role } = params;
    this.#key = params.keys?.open(role, (part) => this.#working(part));
    this.#calls = createHostCalls(host, (call) => host.authorise?.(role, call));
    const progress = new SharedArrayBuffer(4);
    this.#progress = new Int32Array(progress);
    const session = this.#key && { token: this.#key.token, endpoint: this.#key.endpoint };
    const settings: WorkerSettings = {
      ...params.settings,
      env: params.env(this.#key),
      progress,
      ...(session && { session }),
    };
    this.#worker = worker;
    worker.postMessage(settings);
    this.#worker.on('message', (messages: readonly FromWorker[]) => {
      for (const message of messages) this.#receive(message);
    });
    this.#worker.on('error', (error: Error) => {
      this.#failure = error;
    });
    this.#worker.on('exit', (code) => this.#ended(code));
  }

  /** Invocations that are not done. */
  get load(): number {
    return this.#flights.size;
  }

  send(invocation: Invocation): Flight {
    this.#lastId = (this.#lastId + 1) | 0;
    const flight: Flight = { id: this.#lastId, invocation, thread: this };
    this.#flights.set(flight.id, flight);
    invocation.begin();
    this.#startTime(flight);
    const { name, payload, idempotencyKey, requestId } = invocation;
    this.#post({ kind: 'invoke', id: flight.id, name, payload, idempotencyKey, requestId, sentAt: monotonic() });
    return flight;
  }

  /**
   * Its time is over. What the worker did not even take up has no time yet: it waits for a blocked loop. Whoever blocks that has a
   * time of its own, unless it was given up before.
   */
  overdue(flight: Flight): void {
    const takenUp = Atomics.load(this.#progress, 0);
    if (isAfter(flight.id, takenUp)) {
      this.#startTime(flight);
      if (takenUp !== 0 && this.#flights.keys().every((id) => isAfter(id, takenUp))) this.#ping();
      return;
    }
    flight.invocation.settle({ kind: 'timedOut', seconds: flight.invocation.entry.timeoutMs / 1000 });
    this.abort(flight, 'timeout');
  }

  /** Tells the worker that nobody awaits this invocation, and sees that its loop still turns. */
  abort(flight: Flight, reason: AbortReason): void {
    if (!this.#land(flight)) return;
    this.#post({ kind: 'abort', id: flight.id, reason });
    this.#ping();
    this.#endIfDone();
  }

  /** No new invocations; the thread ends when those it has are done. */
  retire(): void {
    if (this.#state !== 'open') return;
    this.#state = 'retiring';
    this.#params.onRetire(this);
    this.#endIfDone();
  }

  /** Ends the thread at once. */
  async terminate(): Promise<void> {
    this.#endReason ??= { kind: 'displaced' };
    await this.#worker.terminate();
  }

  /** Outside of all invocations, such as while a module loads, a request is for whoever all of them are for. */
  #working(part: number | undefined): Work | undefined {
    const one = part === undefined ? undefined : this.#flights.get(part)?.invocation;
    const running = part === undefined ? [...this.#flights.values()].map(({ invocation }) => invocation) : [];
    const [execution, ...others] = new Set((one ? [one] : running).map((invocation) => invocation.execution));
    if (!one && running.length === 0) return undefined;
    const isSame = others.every((other) => machineOf(other) === machineOf(execution));
    return execution !== undefined && isSame ? { execution } : {};
  }

  #post(message: ToWorker): void {
    if (this.#state !== 'ended') this.#batch.push(message);
  }

  #startTime(flight: Flight): void {
    const { name, entry } = flight.invocation;
    this.#params.deadlines.start(flight, this.#loaded.has(name) ? entry.timeoutMs : entry.timeoutMs + LOADING_MS);
  }

  #land(flight: Flight): boolean {
    this.#params.deadlines.stop(flight);
    return this.#flights.delete(flight.id);
  }

  #endIfDone(): void {
    if (this.#flights.size > 0) return;
    if (this.#state === 'retiring') void this.terminate();
    else if (this.#state === 'open') this.#params.onIdle(this);
  }

  readonly #receivers: {
    readonly [Kind in FromWorker['kind']]: (message: Extract<FromWorker, { kind: Kind }>) => void;
  } = {
    returned: ({ id, payload }) => this.#settle(id, { kind: 'returned', payload }),
    threw: ({ id, errorType, errorMessage, stackTrace }) =>
      this.#settle(id, { kind: 'threw', errorType, errorMessage, stackTrace }),
    culprit: ({ id, message }) => {
      this.#endReason ??= { kind: 'displaced' };
      this.#settle(id, { kind: 'exited', message });
    },
    loaded: ({ name }) => {
      this.#loaded.add(name);
      for (const flight of this.#flights.values()) if (flight.invocation.name === name) this.#startTime(flight);
    },
    started: ({ id }) => {
      const flight = this.#flights.get(id);
      if (flight) this.#startTime(flight);
    },
    tainted: () => this.retire(),
    diskFailed: ({ path, message }) => this.#fail(new DiskError(path, message)),
    pong: () => this.#answered(),
    call: (call) => void this.#perform(call.id, call, this.#flights.get(call.invocation)?.invocation.execution),
    log: ({ kind: _kind, id, ...line }) => {
      const invocation = this.#flights.get(id)?.invocation;
      if (!invocation) return this.#params.host.log(line);
      const { execution } = invocation;
      invocation.log(execution === undefined ? line : { ...line, execution });
    },
  };

  #receive<Message extends FromWorker>(message: Message): void {
    (this.#receivers[message.kind] as (message: Message) => void)(message);
  }

  #settle(id: number, result: InvokeResult): void {
    const flight = this.#flights.get(id);
    if (!flight || !this.#land(flight)) return;
    flight.invocation.settle(result);
    this.#endIfDone();
  }

  async #perform(id: number, call: RemoteCall, execution: string | undefined): Promise<void> {
    try {
      this.#post({ kind: 'answer', id, value: await this.#calls.perform(call, execution) });
    } catch (error) {
      if (isDiskFailure(error)) this.#fail(asDiskError(error));
      else this.#post({ kind: 'refusal', id, error: describeFailure(error) });
    }
  }

  /** No invocation is blamed for the disk: what this thread runs comes to nothing, and who called is told why. */
  #fail(error: DiskError): void {
    for (const flight of this.#flights.values()) {
      this.#land(flight);
      flight.invocation.fail(error);
    }
    this.retire();
    this.#endIfDone();
  }

  #ping(): void {
    if (this.#grace !== undefined) {
      this.#pingAgain = true;
      return;
    }
    this.#post({ kind: 'ping', id: 0 });
    this.#grace = setTimeout(() => void this.terminate(), GRACE_MS);
  }

  #answered(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
    if (this.#pingAgain) {
      this.#pingAgain = false;
      this.#ping();
    }
  }

  #ended(code: number): void {
    this.#state = 'ended';
    clearTimeout(this.#grace);
    this.#calls.workerEnded();
    this.#key?.end();
    const left = [...this.#flights.values()];
    for (const flight of left) this.#land(flight);
    const reason = this.#endReason ?? { kind: 'crashed', message: exitMessage(code, this.#failure) };
    this.#params.onEnd(
      this,
      left.map((flight) => flight.invocation),
      reason,
    );
  }
}

function machineOf(execution: string | undefined): string | undefined {
  return execution === undefined ? undefined : machineNameOf(execution);
}

function asDiskError(error: NodeJS.ErrnoException): DiskError {
  return error instanceof DiskError ? error : new DiskError(error.path ?? 'the data directory', error);
}
