/** Makes files of student records: the same for the same seed. */
import { createRandom } from '../data/random.ts';

const FIRST = ['Amir', 'Bea', 'Chidi', 'Dana', 'Emil', 'Farah', 'Goran', 'Hana'] as const;
const LAST = ['Abel', 'Bauer', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Garcia', 'Haas'] as const;
const COURSES = [
  'Botany For Walkers',
  'Numbers And Proofs',
  'Reading Maps',
  'Sound And Light',
  'Writing Letters',
] as const;

export interface GeneratedFile {
  readonly text: string;
  /** Rows that are wrong, from 1 on. */
  readonly wrongRows: readonly number[];
}

/** @param wrong how many records have a student_id that is too short, spread evenly */
export function generateStudents(records: number, seed: number, wrong: number): GeneratedFile {
  const random = createRandom(seed);
  const wrongRows = Array.from({ length: wrong }, (_, i) => Math.floor(((i + 1) * records) / (wrong + 1)));
  const bad = new Set(wrongRows);
  let text = 'student_id,fname,lname,course\n';
  for (let row = 1; row <= records; row++) {
    const id = bad.has(row) ? `A${row % 100}` : `A${10_000 + row}`;
    text += `${id},${random.pick(FIRST)},${random.pick(LAST)},"${random.pick(COURSES)}"\n`;
  }
  return { text, wrongRows };
}
