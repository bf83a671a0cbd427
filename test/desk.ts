/** Where functions and jobs show their environment, and wait until they are let go. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Desk {
  /** Workers POST their environment to it, as JSON. */
  readonly url: string;
  /** Resolves when somebody has come, with what it has shown: the next one each time. */
  next(): Promise<Readonly<Record<string, string>>>;
  /** Lets all go that wait, and whoever comes later at once. */
  open(): void;
  close(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const shown: Record<string, string>[] = [];
  const waiting: ((environment: Record<string, string>) => void)[] = [];
  const opened = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    const come = async (): Promise<void> => {
      const environment = JSON.parse(await text(incoming)) as Record<string, string>;
      const wanted = waiting.shift();
      if (wanted) wanted(environment);
      else shown.push(environment);
      await opened.promise;
      outgoing.end();
    };
    // A worker that is killed leaves.
    come().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    next: () => {
      const { promise, resolve } = Promise.withResolvers<Record<string, string>>();
      const there = shown.shift();
      if (there) resolve(there);
      else waiting.push(resolve);
      return promise;
    },
    open: () => opened.resolve(),
    close: async () => {
      opened.resolve();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** The key in an environment, as clients take it. */
export function keyIn(environment: Readonly<Record<string, string>>): {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
} {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = environment;
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
}
