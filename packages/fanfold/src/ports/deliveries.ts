/** What is to be handed to others, at least once. */
import type { JsonObject } from '../json.ts';

export type DeliveryTarget =
  | { readonly kind: 'queue'; readonly queue: string; readonly attributes?: JsonObject; readonly groupId?: string }
  | { readonly kind: 'topic'; readonly topicArn: string }
  | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'function';
      readonly functionName: string;
      /** The ARN of the topic or rule that hands it over; absent where who asks was asked for its own rights. */
      readonly source?: string;
      /** The ARN of the execution for which it is done. */
      readonly execution?: string;
    }
  | { readonly kind: 'mail'; readonly to: string; readonly subject: string }
  | { readonly kind: 'stateMachine'; readonly stateMachineArn: string; readonly name: string };

export interface Delivery {
  readonly target: DeliveryTarget;
  readonly payload: string;
}

/** Resolves once it is delivered. The key is the same for every attempt. */
export type Deliver = (delivery: Delivery, key: string) => Promise<void>;

export interface DeliveryLine {
  /**
   * Stores all of them, or none. Returns once they are stored.
   * @param key accepting again under the same key within 14 days adds nothing
   * @returns the answer that was given first
   */
  accept(answer: JsonObject, deliveries: readonly Delivery[], key?: string): JsonObject;
}
