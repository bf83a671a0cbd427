/** What Step Functions adds to the answer of an optimised integration: the exchange as the AWS SDK for Java saw it. */
import type { JsonObject } from '../json.ts';

/** @param headers of the answer, in the order they came */
export function sdkMetadata(headers: Readonly<Record<string, string>>, requestId: string, status = 200): JsonObject {
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
