/** The last 4 KB of an invocation's log, which a caller gets with `LogType: Tail`. */

const LIMIT = 4096;

export interface LogTail {
  add(line: string): void;
  /** In base64. */
  read(): string;
}

export function createLogTail(): LogTail {
  let bytes: Buffer = Buffer.alloc(0);
  return {
    add: (line) => {
      bytes = Buffer.concat([bytes, Buffer.from(`${line}\n`)]).subarray(-LIMIT);
    },
    read: () => bytes.toString('base64'),
  };
}
