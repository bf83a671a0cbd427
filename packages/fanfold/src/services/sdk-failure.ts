/** A refusal as `aws-sdk:<service>:<action>` shows it: the exception's class and message in the AWS SDK for Java. */
import { randomUUID } from 'node:crypto';
import type { ServiceError } from '../ports/service-error.ts';
import type { TaskOutcome } from '../ports/services.ts';

export interface SdkExceptions {
  /** As errors begin: `Sqs`. */
  readonly service: string;
  /** The codes that have a class of their own; every other one is of the service as a whole. @defaultValue all */
  readonly named?: ReadonlySet<string>;
  /** Whether answers have a second id, as those of S3. @defaultValue false */
  readonly extended?: boolean;
}

export function sdkFailure(
  { service, named, extended = false }: SdkExceptions,
  { code, message, status }: Pick<ServiceError, 'code' | 'message' | 'status'>,
): TaskOutcome {
  const hasClass = named === undefined || named.has(code);
  const name = hasClass ? `${code.replace(/Exception$/, '')}Exception` : `${service}Exception`;
  const ids = `Request ID: ${randomUUID()}${extended ? `, Extended Request ID: ${randomUUID()}` : ''}`;
  const details = `(Service: ${service}, Status Code: ${status}, ${ids})${extended ? '' : ' (SDK Attempt Count: 1)'}`;
  return { kind: 'failed', error: `${service}.${name}`, cause: `${message} ${details}` };
}
