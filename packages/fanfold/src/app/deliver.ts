/** How each delivery is made: by the services that there are. */
import type { ApiCall } from '../ports/api-call.ts';
import type { Executions } from '../ports/executions.ts';
import type { Functions } from '../ports/functions.ts';
import type { Mailer } from '../ports/mail.ts';
import type { Queues } from '../ports/queues.ts';
import type { Deliver } from '../ports/deliveries.ts';
import { ServiceError } from '../ports/service-error.ts';

export interface DeliverParams {
  readonly queues: Queues;
  readonly functions: Pick<Functions, 'invoke'>;
  readonly mail: Pick<Mailer, 'send'>;
  readonly executions: Pick<Executions, 'start'>;
  /** The SNS API. */
  readonly topics: ApiCall;
  /** @throws ServiceError when what hands over may not invoke the function */
  readonly authorise: (source: string, functionName: string) => void;
  /** The state machine here that an ARN of any place names. */
  readonly ownArn: (arn: string) => string;
  /** Sends by HTTP. */
  readonly post: (
    target: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
    body: string,
  ) => Promise<void>;
}

const NEVER = new AbortController().signal;

export function createDeliver(params: DeliverParams): Deliver {
  const { queues, topics, functions, mail, executions, authorise, ownArn, post } = params;
  return async ({ target, payload }, key) => {
    switch (target.kind) {
      case 'queue': {
        const { queue, attributes, groupId } = target;
        const group = groupId === undefined ? {} : { groupId, deduplicationId: key.replaceAll('/', '-') };
        queues.send({ queue, body: payload, ...group, ...(attributes && { attributes }) }, key);
        return;
      }
      case 'function': {
        const { functionName, source, execution } = target;
        if (source !== undefined) authorise(source, functionName);
        const result = await functions.invoke({
          functionName,
          payload,
          idempotencyKey: key,
          ...(execution !== undefined && { execution }),
        });
        if (result.kind !== 'returned')
          throw new Error(`The function ${functionName} did not return: ${JSON.stringify(result)}`);
        return;
      }
      case 'mail':
        await mail.send({ from: '', to: [target.to], subject: target.subject, text: payload }, key);
        return;
      case 'stateMachine': {
        const { stateMachineArn, name } = target;
        try {
          await executions.start({ stateMachineArn: ownArn(stateMachineArn), name, input: payload, startedBy: key });
        } catch (error) {
          // It was started before, and has ended since.
          if (!(error instanceof ServiceError && error.code === 'ExecutionAlreadyExists')) throw error;
        }
        return;
      }
      case 'topic':
        await topics(
          'Publish',
          { TopicArn: target.topicArn, Message: payload },
          { signal: NEVER, idempotencyKey: key },
        );
        return;
      case 'http':
        await post(target, payload);
        return;
      default:
        target satisfies never;
    }
  };
}
