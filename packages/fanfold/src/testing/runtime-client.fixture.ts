/** A program that speaks the runtime API by itself, in one of several ways. */
import { request } from 'node:http';

const address = process.env['AWS_LAMBDA_RUNTIME_API'] ?? '';
const base = `http://${address}/2018-06-01/runtime`;
const [, , mode = '', ...args] = process.argv;

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${base}/${path}`, { method: 'POST', body, headers });
  await response.text();
  return response.status;
}

function withHost(host: string): Promise<number> {
  return new Promise((resolve) => {
    const [, port] = address.split(':');
    const options = { host: '127.0.0.1', port, path: '/2018-06-01/runtime/invocation/next', headers: { Host: host } };
    request(options, (incoming) => resolve(incoming.resume().statusCode ?? 0)).end();
  });
}

const answers: Readonly<Record<string, (id: string, event: string) => Promise<unknown>>> = {
  echo: (id, event) => post(`invocation/${id}/response`, event),
  text: (id) => post(`invocation/${id}/response`, 'plain text'),
  args: (id) => post(`invocation/${id}/response`, JSON.stringify(args)),
  fails: (id) =>
    post(`invocation/${id}/error`, JSON.stringify({ errorMessage: 'told', stackTrace: ['a'] }), {
      'Lambda-Runtime-Function-Error-Type': 'Custom.Error',
    }),
  foreign: async (id) => {
    const statuses = {
      wrongId: await post('invocation/another/response', '1'),
      otherHost: await withHost('evil.example'),
      nowhere: await post('nowhere', '1'),
    };
    await post(`invocation/${id}/response`, JSON.stringify(statuses));
  },
};

if (mode === 'init-fails') {
  const error = JSON.stringify({ errorType: 'Init.Error', errorMessage: 'no luck' });
  await post('init/error', error);
  process.exit(1);
}
for (;;) {
  const response = await fetch(`${base}/invocation/next`);
  const event = await response.text();
  await answers[mode]?.(response.headers.get('lambda-runtime-aws-request-id') ?? '', event);
}
