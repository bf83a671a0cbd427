/** A message as it goes out. */
export interface OutgoingMail {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
}

/** Where messages go. */
export interface Outbox {
  /** @throws ServiceError */
  put(mail: OutgoingMail): Promise<void>;
}
