/**
 * Mail, through an SMTP server or into a folder of `.eml` files. A message's id is made from its idempotency key: a mail
 * sent again after a crash is told to be the same by mail programs, and in the folder it stays one file.
 */
import { createHash } from 'node:crypto';
import type { Mailer } from '../../ports/mail.ts';
import { checkMail } from './mail-check.ts';
import { createFolderOutbox } from './outbox-folder.ts';
import { createSmtpOutbox } from './outbox-smtp.ts';
import { readRawMail, withMessageId } from './raw-mail.ts';

export type MailTransport =
  /** `smtp://` or `smtps://`, with user and password if the server wants them. */
  | { readonly kind: 'smtp'; readonly url: string }
  /** The folder is made when it is not there. */
  | { readonly kind: 'folder'; readonly directory: string };

export interface CreateMailerParams {
  readonly transport: MailTransport;
  /** Resolves once everything committed so far survives a power cut: a mail cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** The sender of messages whose `from` is empty. */
  readonly from?: string;
}

/** @throws Error when the SMTP address is none; its password is not repeated */
export function createMailer({ transport, sync, from }: CreateMailerParams): Mailer {
  const outbox = transport.kind === 'smtp' ? createSmtpOutbox(transport.url) : createFolderOutbox(transport.directory);
  return {
    send: async (message, idempotencyKey) => {
      const mail = checkMail(message, from);
      const messageId = messageIdOf(idempotencyKey);
      // Loaded for the first mail: most processes send none.
      const { compose } = await import('./compose.ts');
      const bytes = await compose(mail, messageId);
      await sync();
      const to = [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address);
      await outbox.put({ messageId, from: mail.from.address, to, bytes });
      return { messageId };
    },
    sendRaw: async (raw, idempotencyKey) => {
      const messageId = messageIdOf(idempotencyKey);
      const mail = readRawMail(raw);
      const bytes = withMessageId(mail, messageId);
      await sync();
      await outbox.put({ messageId, from: mail.from.address, to: mail.to.map(({ address }) => address), bytes });
      return { messageId };
    },
  };
}

function messageIdOf(idempotencyKey: string): string {
  return `${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}@fanfold.local`;
}
