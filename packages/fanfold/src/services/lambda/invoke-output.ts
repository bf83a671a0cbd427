/** The result of `lambda:invoke`: the function's result, wrapped into what an HTTP client of AWS Lambda sees. */
import { Value } from '../../interpreter/value.ts';
import { utf8Length } from '../../json.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export interface InvokeOutputParams {
  /** What the function returned, as JSON text; it is put in as it is. */
  readonly payload: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly date: Date;
  /** The end of the function's log, in base64. */
  readonly logResult?: string;
}

export function invokeOutput({ payload, requestId, traceId, date, logResult }: InvokeOutputParams): Value {
  const headers: Record<string, string> = {
    ...(logResult !== undefined && { 'X-Amz-Log-Result': logResult }),
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(utf8Length(payload)),
    Date: date.toUTCString(),
    'X-Amzn-Trace-Id': traceId,
    'Content-Type': 'application/json',
  };
  const rest = JSON.stringify({ ...sdkMetadata(headers, requestId), StatusCode: 200 });
  const log = logResult === undefined ? '' : `"LogResult":${JSON.stringify(logResult)},`;
  return Value.ofText(`{"ExecutedVersion":"$LATEST",${log}"Payload":${payload},${rest.slice(1)}`);
}

/** The result where nobody waits for the function's: what Lambda answers when it has taken the event. */
export function acceptedOutput({ requestId, traceId, date }: Omit<InvokeOutputParams, 'payload' | 'logResult'>): Value {
  const headers = {
    'x-amzn-Remapped-Content-Length': '0',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': '0',
    Date: date.toUTCString(),
    'X-Amzn-Trace-Id': traceId,
  };
  return Value.ofJson({ Payload: '', ...sdkMetadata(headers, requestId, 202), StatusCode: 202 });
}
