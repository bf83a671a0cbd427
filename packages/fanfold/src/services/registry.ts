/**
 * Resource ARN -> service. What goes wrong on the way is the task's failure, never the engine's; but for what
 * the disk refuses no execution is given up: the engine ends, and goes on when there is room.
 */
import { parseResource } from '../asl/resource.ts';
import { DiskError } from '../database/disk-error.ts';
import { accessRefused } from './task-access.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Service, Services, TaskOutcome, TaskRequest } from '../ports/services.ts';

/** @param services by the name that stands in the ARN: `lambda`, `dynamodb`, `states`, … */
export function createServices(services: Readonly<Record<string, Service>>): Services {
  return {
    perform: async (request: TaskRequest): Promise<TaskOutcome> => {
      const resource = parseResource(request.resource);
      const name = resource?.service ?? '';
      const service = Object.hasOwn(services, name) ? services[name] : undefined;
      if (!service) {
        const known = Object.keys(services).sort().join(', ');
        return {
          kind: 'failed',
          error: 'States.Runtime',
          cause: `The resource '${request.resource}' is not available here. Available are: ${known}.${ofAws(name)}`,
        };
      }
      try {
        const outcome = await service.perform(request);
        // The work is handed over, and how it ends is told with the task's token.
        const isAnswered = outcome.kind === 'succeeded' && resource?.pattern === 'waitForTaskToken';
        return isAnswered ? { ...outcome, kind: 'submitted' } : outcome;
      } catch (error) {
        if (error instanceof DiskError) throw error;
        return {
          kind: 'failed',
          error: 'States.TaskFailed',
          cause: error instanceof Error ? error.message : String(error),
        };
      }
    },
  };
}

/** The same, for what may be done. @param authorise throws a ServiceError when the state machine may not do this */
export function authorised(services: Services, authorise: (request: TaskRequest) => void): Services {
  return {
    perform: async (request) => {
      try {
        authorise(request);
      } catch (error) {
        if (error instanceof ServiceError) return accessRefused(request.resource, error);
        throw error;
      }
      return services.perform(request);
    },
  };
}

/** How to call AWS itself. */
function ofAws(service: string): string {
  const name = /^aws-sdk:(\w+)$/.exec(service)?.[1];
  return name === undefined ? '' : ` To call AWS itself, add '${name}' to aws.services of the project file.`;
}
