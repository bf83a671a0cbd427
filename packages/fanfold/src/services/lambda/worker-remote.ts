/** The worker's end of the calls to the host: promises for answers that come as messages. */
import { ServiceError } from '../../ports/service-error.ts';
import { reviveFailure } from './host-calls.ts';
import type { FromWorker, RemoteFailure, RemoteTarget } from './protocol.ts';
import { REMOTE_METHODS } from './remote-methods.ts';
import { currentScope } from './worker-scope.ts';
import { PassingMap } from '../../passing-map.ts';

export type RemoteMethod = (...args: readonly unknown[]) => Promise<unknown>;

export interface Remote {
  /** An object with the methods that may be called on `target`. */
  proxy(target: RemoteTarget): Readonly<Record<string, RemoteMethod>>;
  method(target: RemoteTarget, method: string): RemoteMethod;
  answer(id: number, value: unknown): void;
  refuse(id: number, failure: RemoteFailure): void;
}

export function createRemote(send: (message: FromWorker) => void): Remote {
  const calls = new PassingMap<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;

  const method =
    (target: RemoteTarget, name: string): RemoteMethod =>
    async (...args) => {
      // An invocation that was given up does nothing more outside, but it may clean up behind itself.
      if (currentScope()?.aborted && name !== 'abandon') {
        throw new ServiceError('RequestAborted', `${target}.${name} was not called: the invocation has been ended.`);
      }
      const call = Promise.withResolvers<unknown>();
      const id = ++lastId;
      calls.set(id, call);
      send({ kind: 'call', id, invocation: currentScope()?.id ?? 0, target, method: name, args });
      return await call.promise;
    };
  const take = (id: number): PromiseWithResolvers<unknown> | undefined => {
    const call = calls.get(id);
    calls.delete(id);
    return call;
  };
  return {
    method,
    proxy: (target) => Object.fromEntries(REMOTE_METHODS[target].map((name) => [name, method(target, name)])),
    answer: (id, value) => take(id)?.resolve(value),
    refuse: (id, failure) => take(id)?.reject(reviveFailure(failure)),
  };
}
