/** Links of mails, in tests. */
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A link names the address of `fanfold dev`; here the same path and host are asked of the server under test. */
export function follow(server: string, link: URL): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const [{ port }, path] = [new URL(server), link.pathname + link.search];
  request({ host: '127.0.0.1', port, path, headers: { host: link.host } }, (incoming) => {
    buffer(incoming).then((bytes) => resolve(new Response(bytes, { status: incoming.statusCode ?? 0 })), reject);
  })
    .on('error', reject)
    .end();
  return promise;
}
