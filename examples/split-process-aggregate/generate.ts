/** Makes the input: the same for the same seed. No header; a number from 1 on, a name, an age from 20 to 80; LF. */
import { createRandom } from '../data/random.ts';

const FIRST = [
  'Ada',
  'Ben',
  'Cleo',
  'Dario',
  'Elif',
  'Finn',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kira',
  'Liam',
] as const;
const LAST = ['Ahrens', 'Brandt', 'Castell', 'Dorn', 'Engel', 'Faber', 'Gruber', 'Hansen', 'Imhof', 'Jensen'] as const;

export function generateCustomers(records: number, seed: number): string {
  const random = createRandom(seed);
  let text = '';
  for (let id = 1; id <= records; id++)
    text += `${id},${random.pick(FIRST)} ${random.pick(LAST)},${random.int(20, 80)}\n`;
  return text;
}
