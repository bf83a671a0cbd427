/** Blots out the values of secrets wherever a text is shown. */

const BLOT = '***';

/** Shorter parts of a text are no secret by themselves. */
const SHORTEST_LINE = 8;

/**
 * Hides each value, as it is and as JSON writes it, and each line of one that has several: what is shown is shown by lines.
 * Empty values are none.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...(secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE) : []),
  ]);
  // Longer ones go first, so that no part of one shows.
  const hidden = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  if (hidden.length === 0) return (text) => text;
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, BLOT), text);
}
