/** The beginning of a trace. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
import { randomText } from './random-text.ts';

/** @param at milliseconds since the epoch */
export function traceId(at: number): string {
  const seconds = Math.floor(at / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, '0')}-${randomText(12, 'hex')}`;
}
