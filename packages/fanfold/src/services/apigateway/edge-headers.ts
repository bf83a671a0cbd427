/**
 * The headers of an answer as a task sees them on AWS: an API is there behind CloudFront's edge unless it is set up otherwise.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html
 */
import { randomText } from '../../random-text.ts';
import type { HttpAnswer } from '../http-client.ts';

type Headers = HttpAnswer['headers'];

/** What holds between two neighbours only (RFC 9110, 7.6.1) and does not get past the edge. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['keep-alive', 'proxy-connection', 'trailer', 'upgrade']);

/** Fanfold has no edge: these say that the answer came from no cache. */
export function throughEdge(headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
  return {
    ...Object.fromEntries(kept),
    Via: [`1.1 ${randomText(16, 'hex')}.cloudfront.net (CloudFront)`],
    'X-Amz-Cf-Id': [`${randomText(40, 'base64url')}==`],
    'X-Amz-Cf-Pop': ['LOCAL50-P1'],
    'X-Cache': ['Miss from cloudfront'],
  };
}
