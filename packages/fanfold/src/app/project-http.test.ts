import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { manualClock } from '../testing/clocks.ts';
import { openProjectHttp } from './project-http.ts';

it('posts to an address with the user and the password that stand in it', async () => {
  const seen: unknown[] = [];
  const server = createServer(({ headers, url }, outgoing) => {
    seen.push([url, headers.authorization, headers['x-a']]);
    outgoing.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = manualClock();
    const { post } = openProjectHttp({ http: { allow: [host] } }, { clock, sync: () => Promise.resolve() });
    for (const user of ['me:p%40ss@', ''])
      await post({ url: `http://${user}${host}/in?a=1`, headers: { 'X-A': 'b' } }, 'x');
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(seen).toEqual([
      ['/in?a=1', authorization, 'b'],
      ['/in?a=1', undefined, 'b'],
    ]);
    const elsewhere = post({ url: 'http://me:secret@127.0.0.1:1/', headers: {} }, 'x');
    await expect(elsewhere).rejects.toThrow(/^(?!.*secret)/s);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
