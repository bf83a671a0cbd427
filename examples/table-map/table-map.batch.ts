import config from './config.json' with { type: 'json' };
import { listBatch } from './list-batch.ts';

export default listBatch(config.stepfunc);
