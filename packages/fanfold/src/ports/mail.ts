export interface MailMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  /** Get the mail and are not named in it. */
  readonly bcc?: readonly string[];
  readonly replyTo?: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

/** A mail that somebody has composed already. */
export interface RawMail {
  /** @defaultValue who stands under From */
  readonly from?: string;
  /** @defaultValue who stands under To, Cc and Bcc */
  readonly to?: readonly string[];
  /** Headers, an empty line, and the body. */
  readonly bytes: Uint8Array;
}

/** Sends mail at least once. */
export interface Mailer {
  /**
   * @param idempotencyKey the Message-ID is made from it, so that a message sent again after a crash is told to be the
   *   same; in the outbox folder it stays one file
   * @throws ServiceError when the message is malformed or the server refuses it
   */
  send(message: MailMessage, idempotencyKey: string): Promise<{ readonly messageId: string }>;
  /** The same for a mail that is composed already; its Message-ID is replaced, Bcc is taken out. */
  sendRaw(mail: RawMail, idempotencyKey: string): Promise<{ readonly messageId: string }>;
}
