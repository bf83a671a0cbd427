/** How a worker ended, in the words of AWS Lambda. */
export function exitMessage(status: number, failure?: Error): string {
  if (failure) return `Runtime exited with error: ${failure.message}`;
  return status === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${status}`;
}
