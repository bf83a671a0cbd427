/**
 * Task tokens: what lets somebody outside say how a task ended. A token says which attempt of which task it is for, and
 * carries a code that only who has the secret can make (HMAC-SHA-256, 127 bits): nobody can guess one, and no table of
 * tokens is needed. Opaque to everybody else; it may stand in a link as it is, and behind an option of a command, since it never
 * begins with a minus.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { FrameId } from './frame.ts';

export interface TokenTask {
  readonly executionArn: string;
  /** When the execution was started: the name of one that is long gone may be given again. Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly frame: FrameId;
  readonly attempt: number;
}

/** Bytes of the code that a token begins with. */
const CODE_LENGTH = 16;

/** Always the same for the same task and secret. */
export function taskToken(secret: string, { executionArn, startedAt, frame, attempt }: TokenTask): string {
  const subject = utf8ToBytes(JSON.stringify([executionArn, startedAt, frame, attempt]));
  const bytes = new Uint8Array(CODE_LENGTH + subject.length);
  bytes.set(codeOf(secret, subject));
  bytes.set(subject, CODE_LENGTH);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replace(/[+/=]/g, (character) => URL_SAFE[character] ?? '');
}

/** The task that a token was made for; undefined for what was never made with this secret. */
export function readTaskToken(secret: string, token: string): TokenTask | undefined {
  if (!/^[\w-]+$/.test(token) || token.length % 4 === 1) return undefined;
  const text = atob(token.replace(/[-_]/g, (character) => (character === '-' ? '+' : '/')));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const subject = bytes.subarray(CODE_LENGTH);
  if (!equalBytes(bytes.subarray(0, CODE_LENGTH), codeOf(secret, subject))) return undefined;
  const [executionArn, startedAt, frame, attempt] = JSON.parse(new TextDecoder().decode(subject)) as [
    string,
    number,
    FrameId,
    number,
  ];
  return { executionArn, startedAt, frame, attempt };
}

const URL_SAFE: Readonly<Record<string, string>> = { '+': '-', '/': '_' };

/** Its first bit is 0, so that a letter begins the token. */
function codeOf(secret: string, subject: Uint8Array): Uint8Array {
  const code = hmac(sha256, utf8ToBytes(secret), subject).subarray(0, CODE_LENGTH);
  code[0] = (code[0] as number) & 0x7f;
  return code;
}

/** Takes the same time wherever they differ. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] as number);
  return difference === 0;
}
