/** Blots out the values of secrets wherever a text is shown. */

const BLOT = '***';

/** Shorter parts of a text are no secret by themselves. */
const SHORTEST_LINE = 8;

/**
 * Hides each value, as it is, percent-encoded and as JSON writes it, also in JSON within JSON; and each line of one that has
 * several: what is shown is shown by lines. Empty values are none.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, ...(secret.includes('\n') ? linesOf(secret) : [])])
    .flatMap((form) => [
      form,
      ...inJson(form),
      ...inJson(form).flatMap(inJson),
      encodeURIComponent(form.toWellFormed()),
    ]);
  // Longer ones go first, so that no part of one shows.
  const hidden = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  if (hidden.length === 0) return (text) => text;
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, BLOT), text);
}

function linesOf(secret: string): readonly string[] {
  return secret.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE);
}

/** Some write JSON with nothing but ASCII in it, as Python does. */
function inJson(text: string): readonly string[] {
  const written = JSON.stringify(text).slice(1, -1);
  const ascii = written.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [written, ascii];
}

/** An address whose password is hidden: `https://user:***@host/`. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:/?#]*):[^/?#]*@/i, `$1:${BLOT}@`);
}
