export interface MailMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

/** Sends mail at least once. */
export interface Mailer {
  /**
   * @param idempotencyKey the Message-ID is made from it, so that a message sent again after a crash is told to be the
   *   same; in the outbox folder it stays one file
   * @throws ServiceError when the message is malformed or the server refuses it
   */
  send(message: MailMessage, idempotencyKey: string): Promise<{ readonly messageId: string }>;
}
