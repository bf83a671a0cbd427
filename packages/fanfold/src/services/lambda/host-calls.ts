/** The host's end of the calls that functions make: performs them and looks after writes that a dead worker left. */
import { ServiceError } from '../../ports/service-error.ts';
import { machineNameOf } from '../../state-machine-arn.ts';
import type { RemoteCall, RemoteFailure } from './protocol.ts';
import { isRemoteMethod, type RemoteServices } from './remote-methods.ts';

/** The calls of one worker. */
export interface HostCalls {
  /** @param execution the ARN of that which has called the function */
  perform(call: RemoteCall, execution?: string): Promise<unknown>;
  /** The worker is gone: undoes the object writes that it began and can no longer finish (I4). */
  workerEnded(): void;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** @param authorise throws when the call is not allowed */
export function createHostCalls(services: RemoteServices, authorise: (call: RemoteCall) => void = () => {}): HostCalls {
  const begun = new Set<string>();
  let ended = false;

  const invoke = async (call: RemoteCall): Promise<unknown> => {
    const { target, method, args } = call;
    if (!isRemoteMethod(target, method)) throw new TypeError(`A function may not call ${target}.${method}.`);
    authorise(call);
    const service = services[target] as unknown as Record<string, Method>;
    return await service[method]?.(...args);
  };
  const own = (id: string): void => {
    if (ended) abandon(id);
    else begun.add(id);
  };
  // What cannot be undone now is undone when the store is opened next.
  const abandon = (id: string): void => void services.objectIndex.abandon(id).catch(() => {});

  const watched: Record<string, (call: RemoteCall) => Promise<unknown>> = {
    begin: async (call) => {
      const write = (await invoke(call)) as { readonly id: string };
      own(write.id);
      return write;
    },
    publish: async (call) => {
      const { id } = call.args[0] as { readonly id: string };
      begun.delete(id);
      try {
        return await invoke(call);
      } catch (error) {
        own(id);
        throw error;
      }
    },
    abandon: async (call) => {
      begun.delete(call.args[0] as string);
      return await invoke(call);
    },
  };
  return {
    perform: (asked, execution) => {
      const call = execution === undefined ? asked : signed(asked, machineNameOf(execution));
      const watch = call.target === 'objectIndex' && Object.hasOwn(watched, call.method) && watched[call.method];
      return watch ? watch(call) : invoke(call);
    },
    workerEnded: () => {
      ended = true;
      for (const id of begun) abandon(id);
      begun.clear();
    },
  };
}

/** What becomes an object bears whose execution has written it. */
function signed(call: RemoteCall, writer: string): RemoteCall {
  const { target, method, args } = call;
  if (target !== 'objectIndex' || (method !== 'publish' && method !== 'copy')) return call;
  return { ...call, args: [{ ...(args[0] as object), writer }, ...args.slice(1)] };
}

/** A failure as plain data; `reviveFailure` makes an error of it again. */
export function describeFailure(error: unknown): RemoteFailure {
  if (error instanceof ServiceError) return { code: error.code, status: error.status, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}

export function reviveFailure(failure: RemoteFailure): Error {
  if (failure.code === undefined) return new Error(failure.message);
  return new ServiceError(failure.code, failure.message, failure.status);
}
