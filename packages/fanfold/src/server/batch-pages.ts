/**
 * The runs of batches, live: `/_fanfold/batches`, `/_fanfold/batches/<batch>/runs` (with `?status=RUNNING`) and
 * `/_fanfold/batches/<batch>/runs/<run>`.
 */
import { Hono } from 'hono';
import type { ExecutionStatus } from '../interpreter/execution.ts';
import type { BatchRuns } from '../ports/batch-runs.ts';
import { ServiceError } from '../ports/service-error.ts';

export function batchPages(batchRuns: BatchRuns): Hono {
  const app = new Hono();
  app.get('/', (context) => context.json({ batches: batchRuns.batches }));
  app.get('/:batch/runs', async (context) => {
    const batch = known(batchRuns, context.req.param('batch'));
    const status = statusOf(context.req.query('status'));
    return context.json({ runs: await batchRuns.list({ batch, ...(status && { status }) }) });
  });
  app.get('/:batch/runs/:run', async (context) => {
    const batch = known(batchRuns, context.req.param('batch'));
    return context.json(await batchRuns.progress({ batch, run: context.req.param('run') }));
  });
  return app;
}

const STATUSES: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

function statusOf(text: string | undefined): ExecutionStatus | undefined {
  const status = STATUSES.find((candidate) => candidate === text);
  if (text === undefined || status) return status;
  throw new ServiceError('ValidationException', `There is no status '${text}'. Use ${STATUSES.join(', ')}.`);
}

function known({ batches }: BatchRuns, batch: string): string {
  if (batches.includes(batch)) return batch;
  const there = batches.length === 0 ? 'The project has none.' : `The project has ${batches.join(', ')}.`;
  throw new ServiceError('ResourceNotFoundException', `There is no batch '${batch}'. ${there}`, 404);
}
