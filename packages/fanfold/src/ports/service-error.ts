import type { JsonObject } from '../json.ts';

/** A refusal by a service, in the words of the AWS service it stands for. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** AWS's error code: `NoSuchKey`, `ResourceNotFoundException`, … */
  readonly code: string;
  /** The HTTP status that goes with it. */
  readonly status: number;
  /** What an answer has besides its code and message. */
  readonly members: JsonObject;

  constructor(code: string, message: string, status = 400, members: JsonObject = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
