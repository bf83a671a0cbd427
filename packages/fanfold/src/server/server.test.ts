import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { REQUEST_BYTES } from './limits.ts';
import type { Limits } from '../interpreter/limits.ts';
import { startTestServer, type TestServer } from '../testing/server.fixture.ts';
import type { ServerOptions } from './server.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) await server.close();
});
async function start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  servers.push(server);
  return server;
}

/** The status of a request with these header lines. */
async function status(server: TestServer, headers: string, target = '/_fanfold/health'): Promise<string> {
  const answer = await server.raw(`GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  return answer.slice(9, 12);
}

describe('where the server listens', () => {
  it('is a free port when the port is 0, and the address says which', async () => {
    const server = await start();
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'example.com', ''])('is never beyond this machine: %j', async (host) => {
    await expect(startTestServer({ host })).rejects.toThrow(/listens on this machine only/);
  });

  it('is told to be taken, with the port and the way out', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startTestServer({ port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Choose another one with --port; 0 is any free one.`,
    );
    other.close();
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('is no such port: %d', async (port) => {
    await expect(startTestServer({ port })).rejects.toThrow(/--port/);
  });
});

describe('who gets an answer', () => {
  it.each([
    '127.0.0.1:8083',
    'localhost',
    'LOCALHOST:1',
    '[::1]:8083',
    'fanfold.localhost:8083',
    'states.us-east-1.amazonaws.com',
    'sync-states.us-east-1.amazonaws.com',
    'sync-localhost:8083',
  ])('%s', async (host) => {
    expect(await status(await start(), `Host: ${host}\r\n`)).toBe('200');
  });

  it.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    'amazonaws.com.evil.example',
    'xamazonaws.com',
    'sync-evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '',
  ])('not %j, which a page on the web may have pointed here', async (host) => {
    expect(await status(await start(), `Host: ${host}\r\n`)).toBe('403');
  });

  it('no page of another origin', async () => {
    const server = await start();
    const from = (origin: string): Promise<string> => status(server, `Host: localhost\r\nOrigin: ${origin}\r\n`);
    expect(await from('http://localhost:5173')).toBe('200');
    expect(await from('https://evil.example')).toBe('403');
    expect(await from('null')).toBe('403');
  });

  it('no request whose target is not a path', async () => {
    expect(await status(await start(), 'Host: localhost\r\n', 'http://evil.example/')).toBe('400');
  });
});

describe('what is no request', () => {
  it.each([
    ['more headers than are read', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(2_000_000)}\r\n\r\n`, '431'],
    ['too long a target', `GET /${'x'.repeat(2_000_000)} HTTP/1.1\r\n\r\n`, '431'],
    ['no HTTP', `\0${'x'.repeat(2_000_000)}`, '400'],
    ['two lengths', `POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, '400'],
  ])('is answered, however much of it comes: %s', async (_what, text, status) => {
    const server = await start();
    // One that sends all before it reads.
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.end(text, () => resolve());
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    await once(socket, 'close');
  });
});

describe("Fanfold's own pages", () => {
  it('tell the health and the outputs', async () => {
    const server = await start();
    const health = (await (await fetch(`${server.url}/_fanfold/health`)).json()) as object;
    expect(health).toEqual({ ok: true, version: expect.stringMatching(/^\d+\.\d+/), pid: process.pid });
    expect(await (await fetch(`${server.url}/_fanfold/outputs`)).json()).toEqual({ buckets: ['inbound'] });
  });

  it('say what there is when there is nothing', async () => {
    const response = await fetch(`${(await start()).url}/_fanfold/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: expect.stringContaining('GET /_fanfold/nothing') });
  });

  it('fail without telling how, and log it', async () => {
    const server = await start({
      outputs: () => {
        throw new Error('secret');
      },
    });
    const response = await fetch(`${server.url}/_fanfold/outputs`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(server.log).toMatchObject([{ level: 'error', fields: { error: { message: 'secret' } } }]);
  });
});

describe('closing', () => {
  it('ends kept connections at once', async () => {
    const server = await startTestServer();
    const agent = new Agent({ keepAlive: true });
    const [response] = await once(get(`${server.url}/_fanfold/health`, { agent }), 'response');
    response.resume();
    await once(response, 'end');
    // With time that stands still, nothing is closed for being late.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    await server.close();
    agent.destroy();
  });

  it('lets a request under way end, and its connection then', async () => {
    const working = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<object>();
    const server = await startTestServer({
      outputs: () => {
        working.resolve();
        return answer.promise;
      },
    });
    const agent = new Agent({ keepAlive: true });
    const asked = once(get(`${server.url}/_fanfold/outputs`, { agent }), 'response');
    await working.promise;
    const closed = server.close();
    answer.resolve({ done: true });
    const [response] = await asked;
    expect(response.statusCode).toBe(200);
    response.resume();
    await closed;
    agent.destroy();
  });

  it('does not wait for ever for one that does not', async () => {
    const working = Promise.withResolvers<void>();
    const server = await startTestServer({
      outputs: () => {
        working.resolve();
        return new Promise(() => {});
      },
    });
    const asked = fetch(`${server.url}/_fanfold/outputs`);
    await working.promise;
    await Promise.all([expect(asked).rejects.toThrow(), server.close()]);
  });

  it('may happen twice', async () => {
    const server = await startTestServer();
    await server.close();
    await server.close();
  });
});

describe('clients that misbehave', () => {
  it('are told that their request is too large, and get to read it', async () => {
    for (const [limits, most] of Object.entries(REQUEST_BYTES) as [Limits, number][]) {
      const server = await start({ limits });
      const { status, body } = await server.call('CreateStateMachine', `{"name":"${'x'.repeat(most)}"}`);
      expect(status).toBe(413);
      expect(body).toMatchObject({
        __type: 'RequestEntityTooLargeException',
        message: expect.stringContaining(String(most)),
      });
    }
  });

  it('are cut off when they go on sending, and get to read why', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `100000\r\n${'x'.repeat(0x10_0000)}\r\n`;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    let read = '';
    socket.on('data', (answer: Buffer) => (read += answer.toString()));
    more();
    await closed;
    expect(read).toMatch(/^HTTP\/1\.1 413 /);
    expect(socket.bytesWritten).toBeLessThan(REQUEST_BYTES.local + 45_000_000);
  });

  it('are forgotten when they leave in the middle of a request', async () => {
    const server = await start();
    const outgoing = request(server.url, { method: 'POST', headers: { 'Content-Length': '1000' } });
    outgoing.on('error', () => {});
    outgoing.write('{"half":');
    await once(outgoing, 'socket');
    await new Promise((resolve) => setImmediate(resolve));
    outgoing.destroy();
    expect(await status(server, 'Host: localhost\r\n')).toBe('200');
    expect(server.log).toEqual([]);
  });
});
