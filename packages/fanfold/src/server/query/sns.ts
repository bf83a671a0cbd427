/** SNS, which has no other protocol than Query. */
import type { ApiCall } from '../../ports/api-call.ts';
import type { QueryApi } from './query-apis.ts';

export const SNS_VERSION = '2010-03-31';

export function snsQueryApi(call: ApiCall): QueryApi {
  return { call, namespace: `http://sns.amazonaws.com/doc/${SNS_VERSION}/` };
}
