/**
 * Cases recorded on AWS Step Functions, run against `fanfold serve` by the runner that comes with them. Neither is part of
 * this repository: both are read from the folder that FANFOLD_CASES names, or from `shared/conformance` beside the
 * checkout, and left out without it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionsProject, type FunctionsProject } from './functions.ts';
import { playCase, type Played, type RecordedCase } from './recorded-case.ts';
import type { Serve } from './serve.ts';

interface Ran {
  readonly id: string;
  readonly pass: boolean;
  readonly diffs?: readonly string[];
}

/** Recordings that cannot pass, each told of in ADR 8 by this name. */
const CANNOT_PASS: readonly string[] = [
  'test_reference_in_map_state[MAP_STATE_REFERENCE_IN_MAX_CONCURRENCY_PATH]',
  'test_max_concurrency_path_negative',
  'test_service_task_lambada_catch_state_all_data_limit_exceeded_on_large_utf8_response',
  'test_lambda_service_invoke_with_retry_extended_input',
  'test_start_execution_sync',
  'test_start_execution_sync_delegate_failure',
  'test_start_execution_sync_delegate_timeout',
  'TestExpressSync::test_catch#api',
  'TestExpressSync::test_retry#api',
  'test_list_executions_pagination',
  'test_list_executions_versions_pagination',
  'test_list_state_machine_versions_pagination',
  'test_list_state_machine_aliases_pagination_max_results[1]',
  'TestExpressAsync::test_query_runtime_memory',
  'TestExpressAsync::test_catch',
  'TestExpressAsync::test_retry',
  'TestSfnApiExpress::test_start_async_describe_history_execution#end_event',
  'test_base_state_name_validation_failures[empty]',
  'TestAwsSdk::test_invalid_secret_name',
  'TestTaskServiceAwsSdk::test_list_secrets',
];

/** Played by `recorded-case.ts`, as the runner does not know how. */
const PLAYED: readonly RegExp[] = [
  /test_activity_task_on_deleted$/,
  /test_global_timeout$/,
  /test_s3_get_object/,
  /test_no_such_function_catch$/,
];

const FOLDER = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../shared/conformance');
const found = existsSync(join(FOLDER, 'run.mjs'));
if (!found) console.log(`The cases recorded on AWS are left out: there is no run.mjs in ${FOLDER}`);

describe.skipIf(!found)('cases recorded on AWS, against a server', () => {
  const projects: FunctionsProject[] = [];
  const servers: Serve[] = [];
  const ran: Ran[] = [];

  beforeAll(async () => {
    const cases = readFileSync(join(FOLDER, 'open.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordedCase);
    const played = cases.filter(isPlayed);
    const others = cases.filter((recorded) => !isPlayed(recorded));
    const start = async (functions: readonly RecordedCase[], env: Readonly<Record<string, string>>): Promise<Serve> => {
      const project = projectOf(functions);
      projects.push(project);
      const serve = await project.serve(env, ['--limits', 'aws']);
      servers.push(serve);
      return serve;
    };
    // Lists of everything in the account want a server of their own. The functions of one are behind an endpoint, but for those
    // that give bytes; those of the other are its own.
    const lambdaPort = await freePort();
    const endpoint = { AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${lambdaPort}` };
    const [one, other] = await Promise.all([start(cases.filter(givesBytes), endpoint), start(cases, {})]);
    const out = (name: string): string => join(projects[0]?.folder ?? '', name);
    const filed = (name: string, some: readonly RecordedCase[]): string => {
      writeFileSync(out(name), some.map((recorded) => JSON.stringify(recorded)).join('\n'));
      return out(name);
    };
    const isApi = ({ kind }: RecordedCase): boolean => kind === 'api';
    const results = await Promise.all([
      runCases(
        one.url,
        filed(
          'rest.jsonl',
          others.filter((recorded) => !isApi(recorded)),
        ),
        lambdaPort,
        out('rest.json'),
      ),
      runCases(other.url, filed('api.jsonl', others.filter(isApi)), await freePort(), out('api.json')),
    ]);
    ran.push(...results.flat(), ...(await playAll(other.url, played)));
  });
  afterAll(async () => {
    await Promise.all(servers.map((serve) => serve.stop()));
    for (const project of projects) project.remove();
  });

  it('were run', () => {
    expect(ran.length).toBeGreaterThanOrEqual(750);
  });

  it('pass, but for those that cannot', () => {
    const failed = ran.filter(({ pass, id }) => !pass && !cannotPass(id));
    expect(failed.map(({ id, diffs }) => `${id}\n${(diffs ?? []).slice(0, 4).join('\n')}`)).toEqual([]);
  });

  it('that pass do not stand among those that cannot', () => {
    expect(ran.filter(({ pass, id }) => pass && cannotPass(id)).map(({ id }) => id)).toEqual([]);
  });
});

function cannotPass(id: string): boolean {
  return CANNOT_PASS.some((name) => id.endsWith(`::${name}`));
}

/** What a client did meanwhile, and what was there before the first call of the API, the runner leaves out. */
function isPlayed({ id, kind, needs, interactions = [], resources = {} }: RecordedCase): boolean {
  if (needs.includes('logs')) return false;
  if (interactions.length > 0 || PLAYED.some((name) => name.test(id))) return true;
  return kind === 'api' && (resources.sqs_queues ?? resources.s3_objects) !== undefined;
}

function givesBytes({ functions = {} }: RecordedCase): boolean {
  return Object.values(functions).some(({ behaviour }) => /^(?:bytes|large-output)$/.test(behaviour));
}

/** The functions of the cases, in Python as they were recorded, and the API that some of them call. */
function projectOf(cases: readonly RecordedCase[]): FunctionsProject {
  const named = cases.flatMap(({ functions = {} }) => Object.entries(functions));
  // All cases run at once, and machines may be slow.
  const handledBy = (handler: string): object => ({
    runtime: 'python3',
    handler: `handlers.${handler}`,
    timeoutSeconds: 60,
  });
  const functions = named.map(([name, { behaviour }]) => [name, handledBy(behaviour.replaceAll('-', '_'))]);
  const routes = { 'POST /get_constant': 'api_constant', 'POST /id_func': 'api_echo' };
  return functionsProject(
    {
      functions: {
        ...Object.fromEntries(functions),
        api_constant: handledBy('api_constant'),
        api_echo: handledBy('api_echo'),
      },
      apis: { apiid: { stage: 'sfn-apigw-api', routes } },
    },
    {
      'handlers.py': [
        'import json, sys',
        `sys.path.insert(0, ${JSON.stringify(FOLDER)})`,
        'from functions import HANDLERS',
        "globals().update({name.replace('-', '_'): handler for name, handler in HANDLERS.items()})",
        'def api_constant(event, context):',
        "    return {'statusCode': 200, 'body': '{}'}",
        'def api_echo(event, context):',
        "    return {'statusCode': 200, 'body': json.dumps(json.loads(event['body']))}",
      ].join('\n'),
    },
  );
}

async function playAll(url: string, cases: readonly RecordedCase[]): Promise<readonly Ran[]> {
  const { compare } = (await import(pathToFileURL(join(FOLDER, 'compare.mjs')).href)) as {
    compare: (recorded: RecordedCase, actual: Played) => Omit<Ran, 'id'>;
  };
  return Promise.all(
    cases.map(async (recorded) => ({ id: recorded.id, ...compare(recorded, await playCase(url, recorded)) })),
  );
}

async function runCases(url: string, cases: string, lambdaPort: number, out: string): Promise<readonly Ran[]> {
  const args = ['--needs', 'all', '--lambda-port', String(lambdaPort), '--aws-endpoint', url, '--jobs', '24'];
  const child = spawn(process.execPath, [join(FOLDER, 'run.mjs'), url, cases, ...args, '--json', out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
  return (JSON.parse(readFileSync(out, 'utf8')) as { readonly results: readonly Ran[] }).results;
}

/** A port that nobody listens on: below those that are given to whoever asks for any, so that it stays free. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
