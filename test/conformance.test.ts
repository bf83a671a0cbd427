/**
 * Cases recorded on AWS Step Functions, run against `fanfold serve` by the runner that comes with them. Neither is part of
 * this repository: both are read from the folder that FANFOLD_CASES names, or from `shared/conformance` beside the
 * checkout, and left out without it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serve, startServe } from './serve.ts';

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
  'test_variables_in_lambda_task[BASE_ASSIGN_FROM_LAMBDA_TASK_RESULT]',
  'test_invoke_bytes_payload',
  'TestTaskServiceLambda::test_no_such_function_catch',
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
  'test_global_timeout',
  'test_activity_task_on_deleted',
  'TestExpressAsync::test_query_runtime_memory',
  'TestExpressAsync::test_catch',
  'TestExpressAsync::test_retry',
];

/** What this version refuses, in its own words. */
const NOT_YET: readonly RegExp[] = [/Distributed Maps are not there yet/];

const FOLDER = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../shared/conformance');
const found = existsSync(join(FOLDER, 'run.mjs'));
if (!found) console.log(`The cases recorded on AWS are left out: there is no run.mjs in ${FOLDER}`);

describe.skipIf(!found)('cases recorded on AWS, against a server', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-conformance-'));
  let serve: Serve;
  let ran: readonly Ran[] = [];

  beforeAll(async () => {
    const functions = await freePort();
    serve = await startServe({
      args: ['--limits', 'aws'],
      env: { AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${functions}` },
    });
    ran = await runCases(serve.url, functions, join(directory, 'out.json'));
  }, 180_000);
  afterAll(async () => {
    await serve?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('were run', () => {
    expect(ran.length).toBeGreaterThanOrEqual(500);
  });

  it('pass, but for those that cannot', () => {
    const failed = ran.filter(({ pass, id }) => !pass && !cannotPass(id)).filter(({ diffs = [] }) => !isNotYet(diffs));
    expect(failed.map(({ id, diffs }) => `${id}\n${(diffs ?? []).slice(0, 4).join('\n')}`)).toEqual([]);
  });

  it('that pass do not stand among those that cannot', () => {
    expect(ran.filter(({ pass, id }) => pass && cannotPass(id)).map(({ id }) => id)).toEqual([]);
  });
});

function cannotPass(id: string): boolean {
  return CANNOT_PASS.some((name) => id.endsWith(`::${name}`));
}

function isNotYet(diffs: readonly string[]): boolean {
  return diffs.some((diff) => NOT_YET.some((reason) => reason.test(diff)));
}

async function runCases(url: string, functions: number, out: string): Promise<readonly Ran[]> {
  const runner = join(FOLDER, 'run.mjs');
  const kinds = [
    '--kinds',
    'execution,api,validate',
    '--needs',
    'lambda,logs,unresolved-values,nested,credentials,multi-account,activities,aws-sdk,helper-machine',
  ];
  const more = ['--lambda-port', String(functions), '--json', out, '--jobs', '4'];
  const args = [runner, url, join(FOLDER, 'open.jsonl'), ...kinds, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'close');
  return (JSON.parse(readFileSync(out, 'utf8')) as { readonly results: readonly Ran[] }).results;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
