/** Pages of lines that are ticked, each with what proves it: how they are read, and how a proof is held to be there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

export interface Proof {
  readonly file: string;
  /** What must stand in the file. */
  readonly words?: string;
}

export interface Line {
  readonly text: string;
  readonly section: string;
  readonly ticked: boolean;
  /** What it is about: the words in code style, or else what stands before the proofs. */
  readonly feature: string;
  readonly proofs: readonly Proof[];
  /** Why it is not ticked: `not yet: …`, `not here: …`, `later: …`. */
  readonly reason: string | undefined;
}

export interface Checklist {
  readonly lines: readonly Line[];
  /** Rows with a mark that is none. */
  readonly unclear: readonly string[];
}

/** @param page its path in the repository */
export function readChecklist(page: string): Checklist {
  const rows = readFileSync(join(ROOT, page), 'utf8').split('\n');
  let section = '';
  const lines = rows.flatMap((row): Line[] => {
    const title = /^#+ (.+)$/.exec(row)?.[1];
    if (title !== undefined) section = title;
    const [, mark, text] = /^ *- \[([x ])\] (.+)$/.exec(row) ?? [];
    if (text === undefined) return [];
    const [feature = '', ...rest] = text.split(' · ');
    return [
      {
        text,
        section,
        ticked: mark === 'x',
        feature: /^`([^`]+)`/.exec(feature)?.[1] ?? feature,
        proofs: proofsIn(rest),
        reason: rest.find((part) => /^(?:not yet|not here|later): ./.test(part)),
      },
    ];
  });
  return { lines, unclear: rows.filter((row) => /^ *- \[[^ x]\]/.test(row)) };
}

/** What is wrong with a proof, undefined when it is there. */
export function problemOf({ file, words }: Proof): string | undefined {
  const path = join(ROOT, file);
  if (!existsSync(path)) return `there is no ${file}`;
  if (words === undefined || readFileSync(path, 'utf8').includes(words)) return undefined;
  return `${file} does not have ${words}`;
}

export interface Answer {
  readonly heading: string;
  readonly proofs: readonly Proof[];
}

/** A page of headings, each with a line of proofs at its end. */
export function readAnswers(page: string): readonly Answer[] {
  const [, ...parts] = readFileSync(join(ROOT, page), 'utf8').split(/^### /m);
  return parts.map((part) => {
    const rows = part.split('\n');
    const proofs = rows.filter((row) => row.startsWith('`')).flatMap((row) => proofsIn(row.split(' · ')));
    return { heading: rows[0] ?? '', proofs };
  });
}

function proofsIn(parts: readonly string[]): readonly Proof[] {
  return parts.flatMap((part): Proof[] => {
    const [, file, words] = /^`([^`]+)`(?: › (.+))?$/.exec(part) ?? [];
    return file === undefined ? [] : [words === undefined ? { file } : { file, words }];
  });
}
