/** Rows as aligned columns on a terminal, and separated by tabs elsewhere, so that other programs can read them. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: boolean = process.stdout.isTTY === true,
): string {
  const lines = [header, ...rows];
  if (!terminal) return lines.map((line) => `${line.join('\t')}\n`).join('');
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
