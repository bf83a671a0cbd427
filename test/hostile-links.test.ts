/**
 * What may be tried with a link: the recipes of the hostile corpus, each with what it says is to come of it. They are not part of
 * this repository: they are read from the folder `../hostile` beside the one that FANFOLD_CASES names, or from
 * `shared/hostile` beside the checkout, and left out without it.
 */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLinks, verifyLink } from '../packages/fanfold/src/services/s3/links.ts';
import { type FunctionsProject, functionsProject } from './functions.ts';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import type { Serve } from './serve.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const recipes = hostileItems('signedurl');
if (recipes.length === 0) console.log(`The hostile links are not tried: there are none in ${HOSTILE_FOLDER}`);

const BYTES = 'id,name\n1,Ann\n';
const HOUR = 3_600_000;
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, Signature=0';

describe.skipIf(recipes.length === 0)('a link of the hostile corpus', () => {
  let project: FunctionsProject;
  let serve: Serve;
  beforeAll(async () => {
    project = functionsProject({ buckets: { links: {}, others: {} }, dataDirectory: 'data' }, {});
    serve = await project.serve();
    for (const [bucket, key, type] of [
      ['links', 'x.csv', 'text/csv'],
      ['links', 'x.html', 'text/html'],
      ['links', 'x.svg', 'image/svg+xml'],
      ['others', 'x.csv', 'text/csv'],
    ] as const)
      await put(bucket, key, type);
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  const data = (...path: string[]): string => join(project.folder, 'data', ...path);
  const signer = (ahead = 0): ReturnType<typeof createLinks> => {
    const own = JSON.parse(readFileSync(data('credentials.json'), 'utf8')) as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    return createLinks({ endpoint: () => serve.url, region: 'us-east-1', ...own, now: () => Date.now() + ahead });
  };
  const link = (key = 'x.csv', seconds = 60, ahead = 0): Promise<string> =>
    signer(ahead).sign({ bucket: 'links', key }, seconds);

  async function ask(method: string, url: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
    const { port } = new URL(url);
    // As it stands: `fetch` would walk up what looks like a path.
    const path = url.slice(new URL(url).origin.length);
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (incoming) => {
        text(incoming).then(
          (all) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: all }),
          reject,
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
  const get = (url: string): Promise<Answer> => ask('GET', url);
  const put = (bucket: string, key: string, type: string, body = BYTES): Promise<Answer> =>
    ask('PUT', `${serve.url}/${bucket}/${key}`, { authorization: AUTHORIZATION, 'content-type': type }, body);

  const opens = async (url: string, body = BYTES): Promise<void> =>
    expect(await get(url)).toMatchObject({ status: 200, body });
  /** What is no link at all, or one that contradicts itself, is a bad request, as it is for S3. */
  const refused = async (url: string, statuses: readonly number[] = [403]): Promise<void> => {
    const { status, body } = await get(url);
    expect(statuses).toContain(status);
    expect(body).not.toContain('Ann');
  };
  const noPage = async (key: string): Promise<void> => {
    const { status, headers } = await get(await link(key));
    expect(status).toBe(200);
    expect(headers['content-disposition']).toMatch(/^attachment/);
    expect(headers['content-security-policy']).toContain('sandbox');
  };
  const signature = /X-Amz-Signature=([0-9a-f]{64})/;
  const resigned = async (change: (signed: string) => string): Promise<string> =>
    (await link()).replace(signature, (_, signed: string) => `X-Amz-Signature=${change(signed)}`);

  const RECIPES: Readonly<Record<string, () => Promise<void>>> = {
    valid: async () => {
      const { status, headers, body } = await get(await link());
      expect([status, body]).toEqual([200, BYTES]);
      expect(headers).toMatchObject({ 'content-type': 'text/csv', 'x-content-type-options': 'nosniff' });
      expect(headers['content-disposition']).toMatch(/^attachment/);
    },
    'bucket-swap': async () => refused((await link()).replace('/links/', '/others/')),
    'clock-back': async () => opens(await link('x.csv', 60, HOUR)),
    'clock-forward': async () => refused(await link('x.csv', 60, -HOUR)),
    'expired-1s': async () => refused(await link('x.csv', 60, -61_000)),
    'expiry-boundary': async () => {
      const at = Date.now();
      const secret = { accessKeyId: 'K', secretAccessKey: 'secret' };
      const links = createLinks({ endpoint: () => 'http://h', region: 'us-east-1', ...secret, now: () => at });
      const pathAndQuery = (await links.sign({ bucket: 'links', key: 'x' }, 60)).slice('http://h'.length);
      const seconds = Math.floor(at / 1000) * 1000;
      const verified = (now: number): boolean =>
        verifyLink({ method: 'GET', host: 'h', pathAndQuery, headers: {}, secretFor: () => 'secret', now }).ok;
      expect([59_999, 60_000].map((after) => verified(seconds + after))).toEqual([true, false]);
    },
    'dup-params': async () => {
      await refused(`${await link()}&X-Amz-Signature=${'0'.repeat(64)}`, [400, 403]);
      await refused(`${await link()}&X-Amz-Expires=60`, [400, 403]);
      await refused((await link()).replace('?', `?X-Amz-Signature=${'0'.repeat(64)}&`), [400, 403]);
    },
    'html-object': () => noPage('x.html'),
    'svg-object': () => noPage('x.svg'),
    'param-add-type': async () => refused(`${await link()}&response-content-type=text%2Fhtml`),
    'tamper-expiry': async () => refused((await link()).replace('Expires=60', 'Expires=61')),
    'tamper-key-prefix': async () => {
      const url = await link();
      for (const key of ['x.csvx', '/x.csv', '%2e%2e/links/x.csv', 'links/../x.csv', 'x.csv/', './x.csv'])
        await refused(url.replace('/links/x.csv', `/links/${key}`));
    },
    'sig-case': async () => {
      const { status } = await get(await resigned((signed) => signed.toUpperCase()));
      expect([200, 403]).toContain(status);
    },
    'sig-none': async () => {
      await refused((await link()).replace(signature, ''), [400, 403]);
      await refused((await link()).replace('X-Amz-Algorithm=AWS4-HMAC-SHA256', 'X-Amz-Algorithm=none'), [400, 403]);
      await refused(`${serve.url}/links/x.csv`);
    },
    'sig-truncated': async () => {
      for (const change of [(signed: string) => signed.slice(0, 8), () => '', (signed: string) => `${signed}0`])
        await refused(await resigned(change));
    },
    referrer: async () => {
      const url = await link();
      const { headers } = await get(url);
      expect(headers['referrer-policy']).toBe('no-referrer');
      const [, signed = ''] = signature.exec(url) ?? [];
      const logs = readdirSync(data('logs')).map((name) => readFileSync(data('logs', name), 'utf8'));
      expect(logs.join()).toContain('x.csv');
      expect(logs.join()).not.toContain(signed);
    },
    revoked: async () => {
      await put('links', 'gone.csv', 'text/csv');
      const url = await link('gone.csv');
      await put('links', 'gone.csv', 'text/csv', 'new\n');
      await opens(url, 'new\n');
      await ask('DELETE', `${serve.url}/links/gone.csv`, { authorization: AUTHORIZATION });
      await refused(url, [404]);
    },
    'symlink-object': async () => {
      const secret = join(project.folder, 'secret.txt');
      writeFileSync(secret, 'Ann');
      const before = new Set(contents());
      await put('links', 'linked.csv', 'text/csv', 'abc');
      const [content = ''] = contents().filter((path) => !before.has(path));
      rmSync(content);
      symlinkSync(secret, content);
      await refused(await link('linked.csv'), [403, 404]);
    },
    timing: async () => {
      const source = readFileSync(join(import.meta.dirname, '../packages/fanfold/src/services/s3/links.ts'), 'utf8');
      expect(source).toContain('a.length === b.length && timingSafeEqual(a, b)');
      expect(source).not.toMatch(/signature\s*[!=]==|[!=]==\s*(?:claim\.)?signature/);
    },
    'key-rotation': async () => {
      const old = await link();
      await serve.stop();
      rmSync(data('credentials.json'));
      serve = await project.serve();
      const [, rest = ''] = old.split('/links/');
      await refused(`${serve.url}/links/${rest}`);
      await opens(await link());
    },
  };

  const contents = (): string[] =>
    readdirSync(data('objects'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  it('has a recipe here', () => {
    expect(recipes.map(({ name }) => name).filter((name) => !Object.hasOwn(RECIPES, name))).toEqual([]);
  });

  it.each(recipes.filter(({ name }) => Object.hasOwn(RECIPES, name)))('$name', async ({ name }) => {
    await RECIPES[name]?.();
  });
});
