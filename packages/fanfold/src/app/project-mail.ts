/** The mail that a project sends: through its SMTP server, or into its outbox. */
import type { Clock } from '../ports/clock.ts';
import type { Mailer } from '../ports/mail.ts';
import { createMailApi, type MailApi } from '../services/ses/api.ts';
import { createMailer } from '../services/ses/mailer.ts';
import type { MailSettings } from './define-project.ts';

export interface ProjectMailParams {
  readonly settings: MailSettings | undefined;
  /** The folder where mails are kept as files when no SMTP server is set. */
  readonly outbox: string;
  readonly clock: Clock;
  readonly region: string;
  /** Resolves once everything committed so far survives a power cut. */
  readonly sync: () => Promise<void>;
}

export interface ProjectMail {
  readonly mail: Mailer;
  readonly mailApi: MailApi;
}

export function openProjectMail({ settings = {}, outbox, clock, region, sync }: ProjectMailParams): ProjectMail {
  const { from } = settings;
  const url = settings.smtp ?? process.env['FANFOLD_SMTP_URL'];
  const mail = createMailer({
    transport: url ? { kind: 'smtp', url } : { kind: 'folder', directory: outbox },
    sync,
    ...(from !== undefined && { from }),
  });
  return { mail, mailApi: createMailApi({ mail, identities: identitiesOf(settings), now: clock.now, region }) };
}

/** Who may be the sender of what SES's API is asked to send. */
function identitiesOf({ identities = [], from }: MailSettings): readonly string[] {
  const bare = from?.replace(/^.*<([^<>]*)>\s*$/s, '$1').trim();
  return [...identities, ...(bare === undefined ? [] : [bare])];
}
