/** What goes wrong in a worker outside the reach of every handler's `try`, and on whose account it goes. */

import { exitMessage } from './exit-message.ts';
import type { Batch, FromWorker, Thrown } from './protocol.ts';
import { describeThrown } from './thrown.ts';
import type { Runner } from './worker-runner.ts';
import { currentScope } from './worker-scope.ts';

/**
 * - `process.exit` ends the worker, as it ends the sandbox on AWS; its caller is named, so that the others can run again.
 * - An exception from a timer or an event fails its invocation; the worker then finishes what it has and is replaced.
 * - A rejection that nobody handles fails its invocation, as on AWS, and nobody else's.
 * What comes after its invocation is done can only be logged.
 */
export function watchMishaps(batch: Batch<FromWorker>, runner: Runner): void {
  const exit: (status: number) => never = process.exit.bind(process);
  process.exit = (code?: number | string | null): never => {
    const scope = currentScope();
    const status = Number(code ?? process.exitCode ?? 0);
    if (scope && scope.id !== 0) batch.push({ kind: 'culprit', id: scope.id, message: exitMessage(status) });
    batch.flush();
    return exit(status);
  };
  process.on('uncaughtException', (error) => {
    report('Uncaught', describeThrown(error));
    batch.push({ kind: 'tainted' });
  });
  process.on('unhandledRejection', (reason) => {
    const thrown = describeThrown(reason);
    report('Unhandled rejection', {
      ...thrown,
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: `${thrown.errorType}: ${thrown.errorMessage}`,
    });
  });
  const report = (what: string, thrown: Thrown): void => {
    const scope = currentScope();
    const trace = thrown.stackTrace.length > 0 ? thrown.stackTrace.join('\n') : thrown.errorMessage;
    process.stderr.write(`${what}: ${trace}\n`);
    if (scope) runner.fail(scope.id, thrown);
  };
}
