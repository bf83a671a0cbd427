/**
 * Run as a process of its own, to be killed: uploads `<folder>/orders.csv` of the project in the folder once, brings its
 * run to the end, and prints what it has come to. Argument: the folder.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { stateMachineArn } from '../app/arn.ts';
import { createApp } from '../app/create-app.ts';
import { loadProject } from '../app/load-project.ts';
import { silentLogger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';

const [folder = ''] = process.argv.slice(2);
const app = await createApp({ project: await loadProject(folder), logger: silentLogger });
try {
  const body = createReadStream(join(folder, 'orders.csv'));
  await app.objects.put({ bucket: 'files', key: 'in/orders.csv', body, source: 'the only one' });
} catch (error) {
  if (!(error instanceof ServiceError && error.code === 'PreconditionFailed')) throw error;
}
await app.settled();
const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn('orders') });
const [{ arn } = { arn: '' }] = executions;
const { status, output, cause } = await app.executions.closed(arn);
await app.settled();
const told = { runs: executions.length, status, cause, account: output?.json ?? null };
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ ...told, peakMb })}\n`);
await app.close();
