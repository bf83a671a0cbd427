/** The list of as many executions, with inputs as long, as the hostile corpus asks for. */
import { expect, it } from 'vitest';
import { listLongInputs } from './long-inputs.ts';
import { startServe } from './serve.ts';

it('10,000 executions with inputs of 200 kB are listed by their names', async () => {
  const serve = await startServe();
  try {
    await listLongInputs(serve.url, 10_000);
    expect((await fetch(`${serve.url}/_fanfold/health`)).status).toBe(200);
  } finally {
    await serve.stop();
  }
}, 1_200_000);
