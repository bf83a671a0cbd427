/** The servers that peers need, each with the defaults of its package, on loopback, in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type ServerName = 'redis' | 'redis always' | 'postgres' | 'restate';

export interface Server {
  readonly port: number;
  /** Seconds of CPU time so far, its children's included. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Why a server cannot be started here; undefined when it can. */
export function missing(name: ServerName): string | undefined {
  if (name === 'restate') return existsSync(RESTATE) ? undefined : 'its npm package is not installed';
  const command = name === 'postgres' ? postgresBinary('initdb') : 'redis-server';
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${command} is not installed (apt-get install ${name === 'postgres' ? 'postgresql' : 'redis-server'})`;
  }
}

/** @param port the first of three that are free */
export async function startServer(name: ServerName, directory: string, port: number): Promise<Server> {
  const child = STARTS[name](directory, port);
  const ports = name === 'restate' ? [port, port + 1] : [port];
  for (const each of ports) await listening(child, each);
  return {
    port,
    cpuSeconds: () => cpuSecondsOf(child.pid as number),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(name === 'postgres' ? 'SIGINT' : 'SIGTERM');
      await ended;
    },
  };
}

const RESTATE = join(
  import.meta.dirname,
  `node_modules/@restatedev/restate-server-linux-${process.arch}/bin/restate-server`,
);

const STARTS: Readonly<Record<ServerName, (directory: string, port: number) => ChildProcess>> = {
  redis: (directory, port) => startRedis(directory, port, 'everysec'),
  'redis always': (directory, port) => startRedis(directory, port, 'always'),
  postgres: (directory, port) => {
    const data = join(directory, 'postgres');
    const user = postgresUser();
    if (user) chownSync(directory, user.uid, user.gid);
    execFileSync(postgresBinary('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust'], { stdio: 'ignore', ...user });
    const settings = ['-p', String(port), '-k', directory, '-c', 'max_connections=200'];
    return spawn(postgresBinary('postgres'), ['-D', data, ...settings], { stdio: 'ignore', ...user });
  },
  restate: (directory, port) =>
    spawn(
      RESTATE,
      ['--no-logo', '--node-name', 'n1', '--base-dir', directory, '--listen-mode', 'tcp', '--auto-provision', 'true'],
      {
        stdio: 'ignore',
        env: {
          ...process.env,
          RESTATE_BIND_ADDRESS: `127.0.0.1:${port + 5}`,
          RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${port + 5}`,
          RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${port}`,
          RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${port + 1}`,
          RESTATE_DEFAULT_NUM_PARTITIONS: '4',
          // Without a cap it floods one worker and does not finish.
          RESTATE_WORKER__INVOKER__CONCURRENT_INVOCATIONS_LIMIT: '128',
          RESTATE_DISABLE_TELEMETRY: 'true',
        },
      },
    ),
};

function startRedis(directory: string, port: number, sync: string): ChildProcess {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  return spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', sync], { stdio: 'ignore' });
}

/** It refuses to run as root: Debian's package brings a user for it. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Debian keeps the binaries of each version in a folder of their own. */
function postgresBinary(name: string): string {
  const root = '/usr/lib/postgresql';
  const version = existsSync(root)
    ? readdirSync(root)
        .sort((a, b) => Number(a) - Number(b))
        .at(-1)
    : undefined;
  return version === undefined ? name : join(root, version, 'bin', name);
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with ${child.exitCode} before it listened on ${port}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await pause(50);
  }
  throw new Error(`The server does not listen on port ${port}`);
}

/** Clock ticks a second, which Linux tells programs as 100 on every machine. */
const TICKS = 100;

function cpuSecondsOf(pid: number): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name));
  const wanted = new Set([pid]);
  for (let size = 0; size !== wanted.size;) {
    size = wanted.size;
    for (const stat of stats) if (wanted.has(stat.parent)) wanted.add(stat.pid);
  }
  return stats.filter((stat) => wanted.has(stat.pid)).reduce((sum, stat) => sum + stat.ticks, 0) / TICKS;
}

/** Its own time, and that of children that have ended. */
function statOf(pid: string): { pid: number; parent: number; ticks: number }[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks }];
  } catch {
    return [];
  }
}
