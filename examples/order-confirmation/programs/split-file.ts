/** The splitter: cuts the object into pieces, and notes which are to be done. */
import { jobEnvironment, variable } from '../orders/environment.ts';
import { progressOf } from '../orders/progress.ts';
import { splitInput } from '../orders/split.ts';

const environment = jobEnvironment();
const { records, chunks } = await splitInput(environment, Number(variable('MAX_LINES_PER_BATCH')));
await progressOf(environment.runId).begin(chunks.map(({ key }) => key));
console.log(JSON.stringify({ records, pieces: chunks.length }));
