/** How each delivery is made: by the services that there are. */
import type { Executions } from '../ports/executions.ts';
import type { Functions } from '../ports/functions.ts';
import type { Mailer } from '../ports/mail.ts';
import type { Queues } from '../ports/queues.ts';
import type { Deliver } from '../ports/deliveries.ts';

export interface DeliverParams {
  readonly queues: Queues;
  readonly functions: Pick<Functions, 'invoke'>;
  readonly mail: Mailer;
  readonly executions: Pick<Executions, 'start'>;
}

export function createDeliver({ queues, functions, mail, executions }: DeliverParams): Deliver {
  return async ({ target, payload }, key) => {
    switch (target.kind) {
      case 'queue': {
        const { queue, attributes } = target;
        queues.send({ queue, body: payload, ...(attributes && { attributes }) }, key);
        return;
      }
      case 'function': {
        const result = await functions.invoke({ functionName: target.functionName, payload, idempotencyKey: key });
        if (result.kind !== 'returned')
          throw new Error(`The function ${target.functionName} did not return: ${JSON.stringify(result)}`);
        return;
      }
      case 'mail':
        await mail.send({ from: '', to: [target.to], subject: target.subject, text: payload }, key);
        return;
      case 'stateMachine': {
        const { stateMachineArn, name } = target;
        await executions.start({ stateMachineArn, name, input: payload, startedBy: key });
        return;
      }
      default:
        target satisfies never;
    }
  };
}
