/**
 * What it would have cost on AWS: list prices of us-east-1 in US dollars, without free tiers, discounts, storage, logs,
 * traffic and taxes. Prices change: {@link PRICES_AS_OF} says when these were looked up.
 */
import type { Usage } from './usage.ts';

/** Year and month. */
export const PRICES_AS_OF = '2026-04';

/** What a function has where a project does not say: AWS Lambda's 128 MB. */
const FUNCTION_GIGABYTES = 128 / 1024;

export interface Charge {
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  /** Of one unit. */
  readonly price: number;
  readonly dollars: number;
}

interface Price {
  readonly what: string;
  readonly unit: string;
  readonly price: number;
  readonly quantity: (usage: Usage) => number;
}

const PRICES: readonly Price[] = [
  {
    what: 'Step Functions, Standard',
    unit: 'transition',
    price: 0.025 / 1000,
    quantity: ({ transitions }) => transitions,
  },
  { what: 'Lambda, requests', unit: 'request', price: 0.2e-6, quantity: ({ functionCalls }) => functionCalls },
  {
    what: 'Lambda, 128 MB',
    unit: 'GB-second',
    price: 0.0000166667,
    quantity: ({ functionSeconds }) => functionSeconds * FUNCTION_GIGABYTES,
  },
  { what: 'Fargate, vCPU', unit: 'vCPU-hour', price: 0.04048, quantity: ({ vcpuSeconds }) => vcpuSeconds / 3600 },
  {
    what: 'Fargate, memory',
    unit: 'GB-hour',
    price: 0.004445,
    quantity: ({ gigabyteSeconds }) => gigabyteSeconds / 3600,
  },
  { what: 'DynamoDB on demand, reads', unit: 'request', price: 0.125e-6, quantity: ({ tableReads }) => tableReads },
  { what: 'DynamoDB on demand, writes', unit: 'request', price: 0.625e-6, quantity: ({ tableWrites }) => tableWrites },
  { what: 'API Gateway, REST', unit: 'call', price: 3.5e-6, quantity: ({ apiCalls }) => apiCalls },
  { what: 'SNS and SQS', unit: 'message', price: 0.5e-6, quantity: ({ messages }) => messages },
];

/** One charge for everything that was used. */
export function chargesOf(usage: Usage): Charge[] {
  return PRICES.map(({ what, unit, price, quantity }) => {
    const used = quantity(usage);
    return { what, unit, price, quantity: used, dollars: used * price };
  }).filter((charge) => charge.quantity > 0);
}

/** All charges together, in US dollars. */
export function costOf(usage: Usage): number {
  return chargesOf(usage).reduce((sum, { dollars }) => sum + dollars, 0);
}
