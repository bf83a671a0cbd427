/** The functions of a project, and those of another endpoint where one is set. */
import type { Functions } from '../ports/functions.ts';
import type { Logger } from '../ports/logger.ts';
import { createFunctions, type ReloadableFunctions } from '../services/lambda/pool.ts';
import { createRemoteFunctions, withRemoteFunctions } from '../services/lambda/remote-functions.ts';
import type { ProjectDefinition } from './define-project.ts';
import { inside } from './inside.ts';
import { ProjectError } from './project-error.ts';

export interface FunctionsParams {
  readonly definition: ProjectDefinition;
  readonly directory: string;
  readonly place: { readonly region: string; readonly account: string };
  readonly logger: Logger;
  readonly host: Omit<Parameters<typeof createFunctions>[0]['host'], 'log'>;
}

export function openFunctions({ definition, directory, place, logger, host }: FunctionsParams): ReloadableFunctions {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return createFunctions({
    functions: named(definition.functions, (_, settings) => {
      const [path = '', exportName] = settings.module.split('#');
      return {
        module: inside(directory, path),
        timeoutSeconds: settings.timeoutSeconds ?? 3,
        ...(exportName !== undefined && { exportName }),
        ...(settings.environment && { environment: settings.environment }),
      };
    }),
    host: {
      ...host,
      log: ({ functionName, requestId, line }) => logger.info(line, { function: functionName, requestId }),
    },
    objectsModule: new URL(`../services/s3/objects.${extension}`, import.meta.url),
    ...place,
  });
}

/** Names that the project does not have are asked of the endpoint, where one is set. @throws ProjectError when it is no address */
export function withFunctionEndpoint(own: Functions, endpoint: string | undefined): Functions {
  if (!endpoint) return own;
  if (!/^https?:\/\/[^/]/.test(endpoint))
    throw new ProjectError(`AWS_ENDPOINT_URL_LAMBDA must be an http or https address, not '${endpoint}'.`);
  return withRemoteFunctions(own, createRemoteFunctions({ endpoint }));
}

function named<T, R>(
  record: Readonly<Record<string, T>> | undefined,
  make: (name: string, value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, make(name, value)]));
}
