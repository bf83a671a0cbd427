/** The message inside of a cause that a function has given; any other cause as it is. */
export function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

/** What is said of a record that has ended its worker. @param cause of a timeout there is none */
export function crashMessage(error: string, cause?: string | null): string {
  // Without the request's id: what is written of a record is the same whenever it is processed.
  const thrown = typeof cause === 'string' ? messageOf(cause).replace(/^RequestId: \S+ Error: /, '') : undefined;
  return `The record has ended its worker: ${thrown ?? error}`;
}
