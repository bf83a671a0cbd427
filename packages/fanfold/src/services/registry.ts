/** Resource ARN -> service. What goes wrong on the way is the task's failure, never the engine's. */
import { parseResource } from '../asl/resource.ts';
import type { Service, Services, TaskOutcome, TaskRequest } from '../ports/services.ts';

/** @param services by the name that stands in the ARN: `lambda`, `dynamodb`, `states`, … */
export function createServices(services: Readonly<Record<string, Service>>): Services {
  return {
    perform: async (request: TaskRequest): Promise<TaskOutcome> => {
      const name = parseResource(request.resource)?.service ?? '';
      const service = Object.hasOwn(services, name) ? services[name] : undefined;
      if (!service) {
        const known = Object.keys(services).sort().join(', ');
        return {
          kind: 'failed',
          error: 'States.Runtime',
          cause: `The resource '${request.resource}' is not available here. Available are: ${known}.`,
        };
      }
      try {
        return await service.perform(request);
      } catch (error) {
        return {
          kind: 'failed',
          error: 'States.TaskFailed',
          cause: error instanceof Error ? error.message : String(error),
        };
      }
    },
  };
}
