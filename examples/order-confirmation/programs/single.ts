/** The whole file in one job, piece after piece: what the parallel machine is compared with. */
import { jobEnvironment } from '../orders/environment.ts';
import { orderTable } from '../orders/order-table.ts';
import { processPiece } from '../orders/process-piece.ts';
import { publish } from '../orders/publish.ts';
import { splitInput } from '../orders/split.ts';

const RECORDS_IN_A_PIECE = 30_000;

const environment = jobEnvironment();
const { chunks } = await splitInput(environment, RECORDS_IN_A_PIECE);
const table = orderTable();
for (const { key } of chunks) await processPiece(environment, key, table);
console.log(JSON.stringify(await publish(environment, '_Single_Output')));
