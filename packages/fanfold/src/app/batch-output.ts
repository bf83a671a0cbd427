export { messageOf } from '../batch/cause.ts';
export { outputPlace } from '../batch/output-text.ts';
