/**
 * Requests, jobs and addresses of the hostile corpus that are recipes rather than files, on `fanfold serve`. They are not part of
 * this repository: see hostile.ts. What is tried elsewhere is named with where.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import { listLongInputs } from './long-inputs.ts';
import { ended, type JobsProject, jobsProject, startStates, submitJob } from './jobs.ts';
import { type Serve, startServe } from './serve.ts';

const recipes = ['limits', 'command', 'ssrf'].flatMap((area) =>
  hostileItems(area)
    .filter(({ path }) => path === undefined)
    .map(({ id }) => id),
);
if (recipes.length === 0) console.log(`The hostile requests are not sent: there are no recipes in ${HOSTILE_FOLDER}`);

/** What other tests play, from the same corpus or from cases of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'limits/assign-256k': 'test/hostile.test.ts',
  'limits/history-25000': 'test/hostile.test.ts',
  'limits/input-262145': 'test/hostile.test.ts',
  'limits/input-multibyte': 'test/hostile.test.ts',
  'limits/disk-80-chars-dirs': 'services/s3/result-sinks.test.ts: a key has 1,024 bytes at most, and is no path',
  'limits/gzip-bomb-file': 'records/compression/decompress.test.ts',
  'limits/manifest-lies': 'services/s3/item-sources.test.ts: keys are no paths',
  'limits/map-items-10m': 'packages/fanfold/test/records.long.test.ts',
  'command/timeout': 'test/jobs.test.ts',
  'ssrf/proxy-env': 'test/outside.test.ts: proxies of the environment are not used',
  'ssrf/response-endless': 'services/http/service.test.ts',
  'ssrf/response-gzip-bomb': 'services/http/service.test.ts: nothing is unpacked',
  'ssrf/response-slow': 'services/http/service.test.ts',
  'ssrf/secrets-in-history': 'services/http/service.test.ts',
};

const HEADERS = { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'AWSStepFunctions.ListStateMachines' };

describe.skipIf(recipes.length === 0)('the hostile recipe', () => {
  let project: JobsProject;
  let serve: Serve;
  beforeAll(async () => {
    project = jobsProject(
      {
        jobQueues: { q: {} },
        images: { exit: { command: ['node', './programs/exit.mjs'] } },
        jobDefinitions: {
          // The last one is that of the folder which is listed.
          descriptors: { command: ['ls', '/proc/self/fd'] },
          pwd: { command: ['sh', '-c', 'pwd; ls -A; stat -c %a .'] },
          print: { command: ['printf', '%s', 'Ref::x'] },
          exit: { image: 'exit', command: ['Ref::code'] },
        },
        containers: 'none',
      },
      {
        'exit.mjs': 'process.exit(Number(process.argv[2]))',
      },
    );
    serve = await project.serve();
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  const run = async (parameters: object, input: object = {}): Promise<Record<string, unknown>> =>
    ended(serve.url, await startStates(serve.url, { Job: submitJob(parameters) }, input));
  const alive = async (): Promise<void> => {
    const response = await fetch(serve.url, { method: 'POST', headers: HEADERS, body: '{}' });
    expect(response.status).toBe(200);
  };
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(serve.url).port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  /** @returns the status that is answered, while it may still be sent */
  const statusOf = async (socket: Socket): Promise<number> => {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1'))?.[1]);
  };
  const ask = async (head: string): Promise<number> => {
    const socket = await open();
    socket.write(head);
    const status = await statusOf(socket);
    socket.destroy();
    return status;
  };
  const head = (rest: string): string =>
    `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: ${HEADERS['X-Amz-Target']}\r\nContent-Type: ${HEADERS['Content-Type']}\r\n${rest}`;

  const RECIPES: Readonly<Record<string, () => Promise<void>>> = {
    'limits/http-headers-64k': async () => expect(await ask(head(`X-Long: ${'x'.repeat(65_536)}\r\n\r\n`))).toBe(431),
    'limits/http-url-64k': async () =>
      expect([414, 431]).toContain(await ask(`GET /${'x'.repeat(65_536)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)),
    'limits/http-body-endless': async () => {
      const socket = await open();
      let isOpen = true;
      socket.once('close', () => (isOpen = false));
      const status = statusOf(socket);
      socket.write(head('Transfer-Encoding: chunked\r\n\r\n'));
      const chunk = `100000\r\n${'x'.repeat(0x10_0000)}\r\n`;
      void (async () => {
        while (isOpen) if (!socket.write(chunk)) await new Promise((resolve) => setTimeout(resolve, 1));
      })();
      expect(await status).toBe(413);
      socket.destroy();
      await alive();
    },
    'limits/gzip-bomb-body': async () => {
      const response = await fetch(serve.url, {
        method: 'POST',
        headers: { ...HEADERS, 'Content-Encoding': 'gzip' },
        body: new Uint8Array(gzipSync(Buffer.alloc(10_000_000))),
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      await alive();
    },
    'limits/http-10k-idle': async () => {
      const sockets: Socket[] = [];
      try {
        for (let i = 0; i < 20; i++) sockets.push(...(await Promise.all(Array.from({ length: 500 }, open))));
        await alive();
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      await alive();
    },
    'limits/env-2mb': async () => {
      const Environment = [{ Name: 'BIG', 'Value.$': '$.big' }];
      const parameters = { JobDefinition: 'exit', Parameters: { code: '0' }, ContainerOverrides: { Environment } };
      const result = await run(parameters, { big: 'x'.repeat(2_000_000) });
      expect(result['status']).toBe('FAILED');
      expect(result['cause']).toMatch(/E2BIG|too (?:long|large|many)/i);
      await alive();
    },
    // A page of a list has nothing of the inputs; 10,000 of them are in hostile-list.long.test.ts.
    'limits/console-10k-rows': () => listLongInputs(serve.url, 30),
    'limits/fork-bomb': forkBomb,
    'command/cwd': async () => {
      const first = await logOf(await run({ JobDefinition: 'pwd' }));
      const second = await logOf(await run({ JobDefinition: 'pwd' }));
      for (const [, ...rest] of [first, second]) expect(rest).toEqual(['700']);
      expect(first[0]).not.toBe(second[0]);
    },
    'command/exit-codes': async () => {
      for (const code of [0, 1, 126, 127, 137, 255]) {
        const { status, output, cause } = await run({ JobDefinition: 'exit', Parameters: { code: String(code) } });
        expect(status).toBe(code === 0 ? 'SUCCEEDED' : 'FAILED');
        const { Container, StatusReason } = JSON.parse(String(output ?? cause)) as {
          Container: { ExitCode: number };
          StatusReason: string;
        };
        expect([Container.ExitCode, StatusReason]).toEqual([code, expect.stringMatching(/./)]);
      }
    },
    'command/fd-leak': async () => {
      // What whoever runs the tests has left open for their children is none of ours.
      const bare = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.trim().split('\n');
      expect(await logOf(await run({ JobDefinition: 'descriptors' }))).toEqual(bare);
    },
    'command/image-name': async () => {
      const injected = jobsProject(
        { jobQueues: { q: {} }, jobDefinitions: { injected: { image: 'alpine; rm -rf /', command: ['true'] } } },
        {},
      );
      try {
        await expect(injected.serve()).rejects.toThrow("'alpine; rm -rf /' is not the name of an image");
      } finally {
        injected.remove();
      }
    },
    'ssrf/dns-rebind': rebind,
  };

  const logOf = async ({ output, cause }: Record<string, unknown>): Promise<readonly string[]> => {
    const { JobId } = JSON.parse(String(output ?? cause)) as { JobId: string };
    const log = readFileSync(join(project.folder, '.fanfold', 'jobs', JobId, '1.log'), 'utf8');
    return log.split('\n').filter((line) => line !== '');
  };

  it('has a recipe here or elsewhere', () => {
    expect(recipes.filter((id) => !Object.hasOwn(RECIPES, id) && !Object.hasOwn(ELSEWHERE, id))).toEqual([]);
  });

  it.each(recipes.filter((id) => Object.hasOwn(RECIPES, id)))('%s', async (id) => RECIPES[id]?.());
});

const BOMB = `
import { spawn } from 'node:child_process';
const start = (...argv) => spawn(argv[0], argv.slice(1), { stdio: 'ignore' }).on('error', () => {});
start('sh', '-c', 'bomb() { bomb | bomb & }; bomb');
// A shell that cannot fork ends: these stay, until nobody can be born any more.
while (start('sleep', '1000').pid !== undefined);
console.log('full');
process.exit(0);`;

/** A user of its own, who may have so many processes and threads. */
const USER = 54_321;
const MOST = 150;

async function forkBomb(): Promise<void> {
  const limited = ['prlimit', `--nproc=${MOST}`, 'setpriv', '--reuid', String(USER), '--clear-groups', '--'];
  if (process.getuid?.() !== 0 || spawnSync(limited[0] ?? '', [...limited.slice(1), 'true']).status !== 0)
    return console.log('Left out: a bound for processes needs root, prlimit and setpriv to be somebody else.');
  const own = jobsProject(
    {
      jobQueues: { q: {} },
      jobDefinitions: {
        bomb: { command: [process.execPath, './programs/bomb.mjs'] },
        after: { command: ['true'] },
      },
    },
    { 'bomb.mjs': BOMB },
  );
  try {
    for (const name of ['', ...readdirSync(own.folder, { recursive: true }).map(String)])
      chownSync(join(own.folder, name), USER, USER);
    const serve = await startServe({ cwd: own.folder, data: false, args: ['-C', own.folder], by: limited });
    try {
      const run = async (JobDefinition: string): Promise<unknown> =>
        (await ended(serve.url, await startStates(serve.url, { Job: submitJob({ JobDefinition }) })))['status'];
      // What the job leaves ends with it, and the next one finds room.
      expect([await run('bomb'), await run('after')]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      const jobs = join(own.folder, '.fanfold', 'jobs');
      expect(
        readdirSync(jobs)
          .map((id) => readFileSync(join(jobs, id, '1.log'), 'utf8'))
          .join(''),
      ).toBe('full\n');
    } finally {
      await serve.stop();
    }
  } finally {
    own.remove();
  }
}

/** In place of the resolver of this machine, for one process. */
const RESOLVER = '127.0.0.153';

/** A name that leads to a public address when it is checked, and to this machine from then on. */
async function rebind(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-rebind-'));
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, `nameserver ${RESOLVER}\noptions attempts:1 timeout:2\n`);
  const by = ['unshare', '-m', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$@"`, 'sh'];
  const dns = createSocket('udp4');
  let asked = 0;
  dns.on('message', (question, { port, address }) => {
    const isA = question.readUInt16BE(question.indexOf(0, 12) + 1) === 1;
    dns.send(answerTo(question, isA ? [asked++ === 0 ? '93.184.216.34' : '127.0.0.1'] : []), port, address);
  });
  let connections = 0;
  const canary = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(canary, 'listening');
  const { port } = canary.address() as { port: number };
  try {
    const bound = once(dns, 'listening').then(
      () => true,
      () => false,
    );
    dns.bind(53, RESOLVER);
    if (!(await bound) || spawnSync(by[0] ?? '', [...by.slice(1), 'true']).status !== 0)
      return console.log('Left out: a name that changes needs the right to have a resolver of its own.');
    const serve = await startServe({ by });
    try {
      const invoke = {
        Type: 'Task',
        Resource: 'arn:aws:states:::http:invoke',
        Parameters: { ApiEndpoint: `https://rebind.test:${port}/`, Method: 'GET' },
        TimeoutSeconds: 2,
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 1 }],
        End: true,
      };
      const shown = await ended(serve.url, await startStates(serve.url, { Call: invoke }));
      expect(shown['status']).toBe('FAILED');
      // The first time its first address was connected to, or tried; the second time it was refused.
      expect(shown['error']).toBe('States.Http.AddressRefused');
      expect(asked).toBeGreaterThanOrEqual(2);
      expect(connections).toBe(0);
    } finally {
      await serve.stop();
    }
  } finally {
    dns.close();
    canary.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A DNS answer with these IPv4 addresses, which hold for no time. */
function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.fill(0, 8, 12);
  const records = addresses.map((address) => [
    0xc0,
    0x0c,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    4,
    ...address.split('.').map(Number),
  ]);
  return Buffer.concat([head, Buffer.from(records.flat())]);
}
