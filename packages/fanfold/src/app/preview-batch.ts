export { preview, type Preview } from '../batch/preview.ts';
