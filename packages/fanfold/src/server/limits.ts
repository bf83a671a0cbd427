/** How much the Step Functions API takes, by whose limits hold; in bytes. */
import { AWS_PAYLOAD_BYTES, type Limits } from '../interpreter/limits.ts';

/** Of an execution's input. */
export const INPUT_BYTES: Readonly<Record<Limits, number>> = {
  aws: AWS_PAYLOAD_BYTES,
  local: 16 * 1024 * 1024,
};

/** Of a request: AWS's 1 MB with room for what wraps a definition of that size; an input, with room for its escapes. */
export const REQUEST_BYTES: Readonly<Record<Limits, number>> = {
  aws: 1_310_720,
  local: 24 * 1024 * 1024,
};
