/**
 * Every point at which a process can be killed: its N-th write, fsync or rename on the files of its directory, for every
 * N. An undisturbed run is traced to find them; then one run for each is killed there by `strace` and goes on afterwards.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Finished, type RunParams, type Victim, wasKilled } from './kill.fixture.ts';

/** Calls of the system. */
export const KILL_CALLS = {
  write: 'write,pwrite64',
  fsync: 'fsync,fdatasync',
  rename: 'rename,renameat,renameat2',
} as const;

export type KillKind = keyof typeof KILL_CALLS;

/** `strace` counts in each thread, so a point is the n-th call that one thread makes on the files it has. */
export interface KillPoint {
  readonly kind: KillKind;
  readonly n: number;
  /** Of the files that are meant, below the directory; empty: any file. */
  readonly paths: readonly string[];
}

type Run = (rest: Omit<RunParams, 'args'>) => Promise<Finished>;

/**
 * The points of a run that nothing disturbs. Files with a new name each time are met when they get their lasting name:
 * what is written to them before is seen by nobody.
 *
 * @param run runs it to its end, on files in the directory
 */
export async function killPoints(directory: string, run: Run): Promise<readonly KillPoint[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-trace-'));
  const log = join(folder, 'calls');
  try {
    const { code, stderr } = await run({ trace: { calls: Object.values(KILL_CALLS).join(','), log } });
    if (code !== 0) throw new Error(`The run that was to be traced ended with ${code}: ${stderr}`);
    return pointsOf(readFileSync(log, 'utf8'), directory);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line of `strace -f -y`: `453 fsync(27</data/engine.db>) = 0`, `453 rename("/data/a.tmp", "/data/a") = 0`. */
const CALL = /^(?<thread>\d+) +(?<call>\w+)\((?:\d+<(?<file>[^>]*)>|"(?<from>[^"]*)")/;

/** A name that is drawn anew in each run. */
const DRAWN = /[0-9a-f]{8}-?[0-9a-f]{4}|[\w-]{21}/;

function pointsOf(log: string, directory: string): readonly KillPoint[] {
  const counts = new Map<string, { readonly kind: KillKind; readonly paths: Set<string>; count: number }>();
  for (const line of log.split('\n')) {
    const { thread, call, file, from } = CALL.exec(line)?.groups ?? {};
    const kind = (Object.keys(KILL_CALLS) as KillKind[]).find((kind) =>
      KILL_CALLS[kind].split(',').includes(call ?? ''),
    );
    const path = relative(directory, file ?? from ?? '/');
    if (!kind || path.startsWith('..')) continue;
    if (kind !== 'rename' && DRAWN.test(path)) continue;
    const group = `${kind} ${thread}`;
    const counted = counts.get(group) ?? { kind, paths: new Set(), count: 0 };
    counts.set(group, counted);
    counted.count += 1;
    if (kind !== 'rename') counted.paths.add(path);
  }
  return [...counts.values()].flatMap(({ kind, paths, count }) =>
    Array.from({ length: count }, (_, i) => ({ kind, n: i + 1, paths: [...paths] })),
  );
}

/** What is given to a run that is to be killed there. */
export function killedAt({ kind, n, paths }: KillPoint, directory: string): Omit<RunParams, 'args'> {
  return {
    inject: `${KILL_CALLS[kind]}:signal=SIGKILL:when=${n}`,
    paths: paths.map((path) => join(directory, path)),
  };
}

export interface SweepParams {
  readonly points: readonly KillPoint[];
  /** @returns what does not hold when it is killed there; null when it ended before that point */
  readonly killAt: (point: KillPoint) => Promise<readonly string[] | null>;
  /**
   * How many are to be met: a run that is quicker or slower than the one that was traced makes fewer calls, and ends before
   * some of them. @defaultValue as many as there are
   */
  readonly wanted?: number;
  /** @defaultValue never */
  readonly enough?: (problems: readonly string[]) => boolean;
  /** Points that are tried at the same time. @defaultValue one for each processor */
  readonly atOnce?: number;
}

/** Points after which a long sweep says how far it is. */
const TOLD = 100;

/** Tries the points, and says what does not hold where. */
export async function sweepKills({
  points,
  killAt,
  wanted = Infinity,
  enough = () => false,
  atOnce = availableParallelism(),
}: SweepParams): Promise<{ readonly tried: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const left = points.values();
  let [tried, underWay] = [0, 0];
  const work = async (): Promise<void> => {
    while (tried + underWay < wanted && !enough(problems)) {
      const point = left.next().value;
      if (!point) return;
      underWay += 1;
      const found = await killAt(point);
      underWay -= 1;
      if (!found) continue;
      tried += 1;
      const { kind, n, paths } = point;
      const met = found.map((problem) => `killed at ${kind} ${n} of ${paths.join(', ') || 'any file'}: ${problem}`);
      problems.push(...met);
      // A long sweep tells how far it is, and does not keep what it has found to itself.
      if (tried % TOLD === 0) console.log(`${tried} of ${points.length} points, ${problems.length} problems`);
      if (points.length >= TOLD) for (const problem of met) console.log(problem);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { tried, problems };
}

/** The points of what `begin` begins, and a way to kill there and let it go on. */
export async function killPointsOf(begin: () => Victim): Promise<readonly KillPoint[]> {
  const calm = begin();
  try {
    return await killPoints(calm.directory, (rest) => calm.run(rest));
  } finally {
    calm.remove();
  }
}

/** Kills it at a point and lets it go on. @returns what does not hold; null when it ended before that point */
export async function killAtPoint(victim: Victim, point: KillPoint): Promise<readonly string[] | null> {
  try {
    if (!wasKilled(await victim.run(killedAt(point, victim.directory)))) return null;
    const left = await victim.look();
    return [...left, ...(await victim.judge(await victim.run(), 1))];
  } finally {
    victim.remove();
  }
}

/** All points, in rounds of at least so many that are spread evenly, from one that `random` picks. */
export function inRounds(points: readonly KillPoint[], count: number, random: () => number): readonly KillPoint[] {
  const step = Math.max(1, Math.floor(points.length / count));
  const first = Math.floor(random() * step);
  const round = (shift: number): KillPoint[] => points.filter((_, i) => i % step === (first + shift) % step);
  return Array.from({ length: step }, (_, shift) => round(shift)).flat();
}
