/**
 * One simulated history: a family of machines on a driver and a store, where a seed decides what comes next: a write
 * becomes durable, an outcome arrives, once, twice or late, time passes, the process ends in the middle of a write, and
 * another takes its place. After every step the ledger is held against what must hold.
 */
import fc from 'fast-check';
import { ServiceError } from '../../ports/service-error.ts';
import type { Store } from '../../ports/store.ts';
import {
  ACTIVITY,
  CALM_FAMILIES,
  type Families,
  type GeneratedMachine,
  LONGEST_PAUSE_SECONDS,
  TIMEOUT_SECONDS,
  WILD_FAMILIES,
} from '../../testing/machines.fixture.ts';
import { createActivities } from '../activities/activities.ts';
import { PLACE, runArn } from '../driver.fixture.ts';
import { type Action, oneOf, whether } from './actions.fixture.ts';
import { Broken, demand } from './broken.fixture.ts';
import { type Chance, chanceFrom } from './chance.fixture.ts';
import type { Fault } from './faults.fixture.ts';
import { Ledger, type Write } from './ledger.fixture.ts';
import { type MortalMedium, singleKeys } from './media.fixture.ts';
import { Outside } from './outside.fixture.ts';
import { type Call, type Process, startProcess } from './process.fixture.ts';

export interface HistoryParams {
  readonly seed: number;
  readonly medium: () => MortalMedium;
  readonly fault?: Fault;
  /** @defaultValue those of the seed, calm or wild */
  readonly families?: Families;
}

export interface HistorySummary {
  readonly steps: readonly string[];
  readonly crashes: number;
  readonly executions: number;
  readonly events: number;
}

const ROOT_RUN = runArn('root', 'run');
const INPUT = { by: 'the test' };
const MOST_STEPS = 120;
const MOST_STEPS_OF_REDRIVE = 40;
const MOST_CRASHES = 4;
const FARTHEST_JUMP_SECONDS = 7200;
const MOST_STEPS_TO_REST = 20_000;

/** Plays the history of a seed. @throws Broken with the seed and the last steps */
export async function playHistory({ seed, medium, fault = {}, families }: HistoryParams): Promise<HistorySummary> {
  const calm = families?.calm ?? seed % 2 === 0;
  const generated = families?.machines ?? (calm ? CALM_FAMILIES : WILD_FAMILIES);
  const [family] = fc.sample(generated, { seed, numRuns: 1 });
  if (!family) throw new Error('No machine was generated');
  const undisturbed = new History({ family, calm, chance: chanceFrom(seed), medium: singleKeys(), fault: {} });
  const history = new History({ family, calm, chance: chanceFrom(seed), medium: medium(), fault });
  try {
    if (calm) {
      await undisturbed.begin();
      await undisturbed.rest();
    }
    await history.begin();
    await history.disturb();
    await history.rest();
    await history.redriven();
    await history.end();
    if (calm) demand(history.account() === undisturbed.account(), differs(history.account(), undisturbed.account()));
    return history.summary();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const last = history.steps.slice(-25).join('\n  ');
    throw new Broken(`${error.message}\nseed ${seed}, after\n  ${last}`, { cause: error });
  } finally {
    await undisturbed.remove();
    await history.remove();
  }
}

function differs(found: string, wanted: string): string {
  return `I6: it came to\n${found}\nand not to\n${wanted}\n`;
}

interface Params {
  readonly family: GeneratedMachine;
  /** No failures race, and so there is one end to come to. */
  readonly calm: boolean;
  readonly chance: Chance;
  readonly medium: MortalMedium;
  readonly fault: Fault;
}

class History {
  readonly steps: string[] = [];
  readonly #params: Params;
  readonly #ledger: Ledger;
  readonly #outside: Outside;
  readonly #window: number;
  #store: Store;
  #process: Process;
  #processes = 0;
  #started = false;
  #told = false;
  #recovered = true;
  #problem: unknown;

  constructor(params: Params) {
    this.#params = params;
    this.#window = 1 + params.chance.upTo(4);
    this.#ledger = new Ledger(this.#window);
    this.#outside = new Outside({
      family: params.family,
      fault: params.fault,
      ledger: this.#ledger,
      process: () => this.#process,
      number: () => this.#processes - 1,
      watch: (promise, told) => this.#watch(promise, told),
    });
    this.#store = params.medium.open();
    this.#process = this.#open(Date.UTC(2030, 0, 1));
  }

  async begin(): Promise<void> {
    const { definition, children } = this.#params.family;
    const puts = Object.entries({ root: definition, ...children }).map(([name, text]) =>
      this.#process.rig.put(name, text),
    );
    await this.#process.quiet();
    await Promise.all(puts);
    const { clock } = this.#process;
    const activities = createActivities({ store: this.#store, clock, ...PLACE });
    await activities.create({ name: ACTIVITY, tags: [], encryption: { type: 'AWS_OWNED_KEY' } });
  }

  /** Does this and that until everything has ended, or it was enough. */
  async disturb(): Promise<void> {
    const { chance } = this.#params;
    for (let i = chance.upTo(MOST_STEPS); i > 0 && !this.#over(); i--) await this.#oneOf();
  }

  /** Does what is left to do, in order, until there is nothing. */
  async rest(): Promise<void> {
    for (let i = 0; await this.#next(); i++) demand(i < MOST_STEPS_TO_REST, 'stuck: it does not come to an end');
  }

  /** What failed is redriven, once or twice, while this and that happens again. */
  async redriven(): Promise<void> {
    const { chance } = this.#params;
    for (let i = chance.upTo(2); i > 0; i--) {
      const arn = chance.of(this.#ledger.failed);
      if (arn === undefined) return;
      await this.#do('redrive', () => this.#redrive(arn, 0));
      for (let steps = chance.upTo(MOST_STEPS_OF_REDRIVE); steps > 0; steps--) await this.#oneOf();
      await this.rest();
    }
  }

  /** What must hold when nothing is left to come. */
  async end(): Promise<void> {
    const { rig, clock } = this.#process;
    demand(this.#started && this.#told, 'stuck: nobody was told that it started and ended');
    demand(this.#recovered, 'stuck: recovery does not end');
    demand(this.#ledger.running.length === 0, `stuck: ${this.#ledger.running.join(', ')}`);
    demand(this.#ledger.messages.size === 0, `stuck: ${[...this.#ledger.messages.keys()].join(', ')}`);
    demand(this.#ledger.mapRuns.running.length === 0, `stuck: ${this.#ledger.mapRuns.running.join(', ')}`);
    this.#ledger.mapRuns.checkFiles();
    this.#outside.leaveAll();
    await this.#process.quiet();
    demand(rig.driver.counts().running + rig.brief() === 0, 'I8: executions that have ended are kept in memory');
    demand(clock.due().length === 0, 'I8: timers are left of executions that have ended');
    await this.#crash('at the end', 0, []);
    demand(this.#ledger.running.length === 0, 'I9: something runs again');
  }

  /** What it all came to, as a text; who came first does not show. */
  account(): string {
    const ends = [...this.#ledger.executions.values()].map(({ execution, history }) => {
      const { stateMachineArn, status, output, error, cause } = execution;
      const tasks = history.filter(({ type }) => /^(LambdaFunction|Task|Activity)Started$/.test(type)).length;
      return [stateMachineArn.split(':').at(-1), status, output?.text, error, cause, `${tasks} tasks`].join(' ');
    });
    return [...ends.sort(), this.#ledger.mapRuns.account()].join('\n');
  }

  summary(): HistorySummary {
    const all = [...this.#ledger.executions.values()];
    return {
      steps: this.steps,
      crashes: this.#processes - 1,
      executions: all.length,
      events: all.reduce((sum, { history }) => sum + history.length, 0),
    };
  }

  remove(): Promise<void> {
    return this.#params.medium.remove();
  }

  #open(now: number): Process {
    const { family, fault } = this.#params;
    return startProcess({
      family,
      fault,
      ledger: this.#ledger,
      store: this.#store,
      now,
      window: this.#window,
      number: this.#processes++,
      handOver: (request, outcome, token) => this.#outside.handOver(request.task, outcome, token),
    });
  }

  #actions(): Readonly<Record<string, Action>> {
    const { chance, calm } = this.#params;
    const { line, clock, open } = this.#process;
    const wild = calm ? 0 : 1;
    return {
      write: { weight: 10, choose: () => this.#chooseWrite((arns, count) => line.pass(arns, count)) },
      tell: { weight: 10, choose: () => whether(chance.of(line.untold()), (arn) => line.tell(arn)) },
      turn: { weight: 5, choose: () => () => clock.turn() },
      answer: { weight: 10, choose: () => whether(chance.of(answerable(open)), (call) => this.#answer(call)) },
      'lose an answer': { weight: wild, choose: () => whether(chance.of(answerable(open)), forget) },
      time: { weight: 4, choose: () => whether(this.#mayPass(), (ms) => clock.advance(ms)) },
      'clock is set': { weight: 1, choose: () => () => this.#setClock() },
      start: { weight: this.#started ? 1 : 8, choose: () => () => this.#start() },
      stop: { weight: 0.3 * wild, choose: () => whether(chance.of(this.#ledger.running), (arn) => this.#stop(arn)) },
      redrive: {
        weight: 1.5 * wild,
        choose: () => whether(chance.of(this.#ledger.failed), (arn) => this.#redrive(arn, chance.upTo(2))),
      },
      ...this.#outside.actions(chance, wild),
      look: {
        weight: 2,
        choose: () => whether(chance.of([...this.#ledger.executions.keys()]), (arn) => this.#look(arn)),
      },
      'crash in a write': {
        weight: this.#mayCrash() ? 2 : 0,
        choose: () => this.#chooseWrite((arns, count) => this.#crashInWrite(arns, count)),
      },
      crash: { weight: this.#mayCrash() ? 1 : 0, choose: () => () => this.#crash('now', this.#downtime(), []) },
    };
  }

  async #oneOf(): Promise<void> {
    const chosen = oneOf(this.#params.chance, this.#actions());
    if (chosen) await this.#do(chosen.name, chosen.act);
  }

  /** @returns whether there was anything to do */
  async #next(): Promise<boolean> {
    const { line, clock, open } = this.#process;
    const asked = line.asked();
    const untold = line.untold();
    const [call] = answerable(open);
    const [job] = this.#outside.toTell();
    const [due] = clock.due();
    if (untold.length > 0) await this.#do('tell', () => untold.forEach(line.tell));
    else if (asked.length > 0) await this.#do('write', () => line.pass(asked, Number.POSITIVE_INFINITY));
    else if (clock.turn()) await this.#do('turn', () => {});
    else if (!this.#started) await this.#do('start', () => this.#start());
    else if (call) await this.#do('answer', () => this.#answer(call));
    else if (job) await this.#do('job ends', () => this.#outside.tellOf(job));
    else if (this.#ledger.untaken > 0 && !this.#outside.asks) await this.#do('worker asks', () => this.#outside.poll());
    else if (due !== undefined && !this.#over()) await this.#do('time', () => clock.advance(due));
    else return false;
    return true;
  }

  async #do(name: string, act: () => unknown): Promise<void> {
    this.steps.push(name);
    await act();
    await this.#process.quiet();
    if (this.#problem) throw this.#problem;
    this.#process.check();
  }

  #over(): boolean {
    return this.#started && this.#told && this.#ledger.running.length === 0 && this.#process.line.asked().length === 0;
  }

  #chooseWrite(act: (arns: readonly string[], count: number) => unknown): (() => unknown) | null {
    const { chance } = this.#params;
    const arns = chance.some(this.#process.line.asked());
    const count = 1 + chance.upTo(2);
    return arns.length > 0 ? () => act(arns, count) : null;
  }

  #answer(call: Call): void {
    const { outcome } = call;
    if (!outcome) return;
    if (outcome.kind !== 'submitted') this.#outside.answered(call.request.task, outcome);
    call.answer(outcome);
  }

  /** @param request one of a few: who asks twice asks for the same */
  #redrive(arn: string, request: number): void {
    const { executions } = this.#process.rig.driver;
    const count = this.#ledger.redrivesOf(arn) + 1;
    const token = request === 0 ? {} : { clientToken: `request ${request}` };
    const asking = executions.redrive({ executionArn: arn, ...token }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ServiceError && error.code === 'ExecutionNotRedrivable') return false;
        throw error;
      },
    );
    this.#watch(asking, (redriven) => {
      if (redriven && request === 0) this.#ledger.redriven(arn, count);
    });
  }

  #start(): void {
    const { rig } = this.#process;
    const starting = rig.start('root', 'run', INPUT).catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === 'ExecutionAlreadyExists') return ROOT_RUN;
      throw error;
    });
    this.#watch(starting, (arn) => {
      this.#ledger.started(arn);
      if (!this.#started) this.#awaitEnd();
      this.#started = true;
    });
  }

  #awaitEnd(): void {
    this.#watch(this.#process.rig.driver.executions.closed(ROOT_RUN), (execution) => {
      this.#ledger.closed(execution);
      this.#told = true;
    });
  }

  /** A redrive that comes after it may be durable before the stop is acknowledged. */
  #stop(arn: string): void {
    const redrives = this.#ledger.redrivesOf(arn);
    this.#watch(this.#process.rig.driver.executions.stop({ executionArn: arn }), () => {
      const runs = this.#ledger.running.includes(arn) && this.#ledger.redrivesOf(arn) === redrives;
      demand(!runs, `I2: the stop of ${arn} was acknowledged before it was durable`);
    });
  }

  #look(arn: string): void {
    this.#watch(this.#process.rig.driver.executions.describe(arn), (execution) => this.#ledger.shown(execution));
  }

  /** What somebody outside is told counts only as long as the process lives that tells it. */
  #watch<T>(promise: Promise<T>, told: (value: T) => void): void {
    const process = this.#process;
    promise
      .then((value) => {
        if (process === this.#process) told(value);
      })
      .catch((error: unknown) => {
        if (process === this.#process) this.#problem ??= error;
      });
  }

  /** Milliseconds until something is due. Where failures must not race, nobody is timed out who would still answer. */
  #mayPass(): number | undefined {
    const { clock, line, open } = this.#process;
    const [due] = clock.due();
    if (due === undefined || !this.#params.calm || due <= LONGEST_PAUSE_SECONDS * 1000) return due;
    const moving =
      answerable(open).length + line.asked().length + line.untold().length + this.#outside.toTell().length > 0 ||
      !this.#recovered ||
      clock.turn();
    return moving ? undefined : due;
  }

  /** What has come in by then has its time already. */
  #setClock(): void {
    const { clock } = this.#process;
    for (let more = true; more;) more = clock.turn();
    clock.set(clock.now() + this.#jump());
  }

  /** How far the clock is set, in milliseconds: back, or where nobody may be timed out by it, forward as well. */
  #jump(): number {
    const { chance, calm } = this.#params;
    const by = chance.upTo(FARTHEST_JUMP_SECONDS) * 1000;
    return calm || chance.share() < 0.6 ? -by : by;
  }

  #mayCrash(): boolean {
    return this.#processes <= MOST_CRASHES;
  }

  #downtime(): number {
    return this.#params.chance.upTo(this.#params.calm ? 20_000 : 2 * TIMEOUT_SECONDS * 1000);
  }

  /** The process ends while it writes: of what it writes some is there, as far as the store's contract allows. */
  async #crashInWrite(arns: readonly string[], count: number): Promise<void> {
    const { medium, chance } = this.#params;
    const { line } = this.#process;
    const perhaps = line.next(arns, count);
    medium.fail(chance.share());
    line.cut();
    void line.pass(arns, count);
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    await this.#crash('in a write', this.#downtime(), perhaps);
  }

  async #crash(when: string, downtime: number, perhaps: readonly Write[]): Promise<void> {
    const { medium } = this.#params;
    const { line, clock } = this.#process;
    this.steps.push(`crash ${when}`);
    line.cut();
    await medium.kill();
    this.#store = medium.open();
    this.#process = this.#open(clock.now() + downtime);
    await this.#ledger.compare(this.#store, perhaps);
    this.#recovered = false;
    this.#outside.forgetWorkers();
    this.#watch(this.#process.rig.driver.recover(), () => {
      this.#recovered = true;
    });
    if (this.#started) this.#awaitEnd();
    await this.#process.quiet();
  }
}

function answerable(open: ReadonlySet<Call>): Call[] {
  return [...open].filter(({ outcome }) => outcome);
}

function forget(call: Call): void {
  call.outcome = undefined;
}
