export { outputPlace } from '../batch/output-text.ts';
