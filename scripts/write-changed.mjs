// Writes a file unless it has that text already: what watches it is not told of nothing.
import { readFileSync, writeFileSync } from 'node:fs';

export function writeChanged(file, text) {
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  writeFileSync(file, text);
}
