/** Commands that somebody is told to type. */

/** A command line of this program, as it was called: npx says that it is npx. */
export function toldCommand(...words: readonly string[]): string {
  const called = process.env['npm_command'] === 'exec' ? ['npx', 'fanfold'] : ['fanfold'];
  return [...called, ...words.map(quoted)].join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
