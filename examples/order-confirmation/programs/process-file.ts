/** A worker: processes a piece; the one that finishes the last of them puts all outputs together. */
import { basename } from 'node:path';
import { jobEnvironment, variable } from '../orders/environment.ts';
import { orderTable } from '../orders/order-table.ts';
import { processPiece } from '../orders/process-piece.ts';
import { progressOf } from '../orders/progress.ts';
import { publish } from '../orders/publish.ts';

const environment = jobEnvironment();
const piece = basename(variable('INPUT_FILE'));
await processPiece(environment, piece, orderTable());
// The output is there before the piece counts as done: whoever sees that all are done finds all outputs.
const allDone = await progressOf(environment.runId).done(piece);
const merges = process.env['MERGE'] !== 'no';
console.log(JSON.stringify({ piece, ...(allDone && merges && (await publish(environment))) }));
