/** How a worker ended, in the words of AWS Lambda. */
export function exitMessage(status: number, failure?: Error): string {
  if (failure && isOutOfMemory(failure)) return signalMessage('SIGKILL');
  if (failure) return `Runtime exited with error: ${failure.message}`;
  return status === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${status}`;
}

/** AWS Lambda kills what takes more memory than its function has. */
function isOutOfMemory(failure: Error): boolean {
  return (failure as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** As AWS names them. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGINT: 'interrupt',
};

/** How a process ended that a signal has ended. */
export function signalMessage(signal: string): string {
  return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal.toLowerCase()}`;
}
