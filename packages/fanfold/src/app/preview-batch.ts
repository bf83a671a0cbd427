/** What would come of a file of somebody's, before it is dropped anywhere. */
import { BatchError } from '../batch/errors.ts';
import { type Preview, preview, type PreviewParams } from '../batch/preview.ts';
import { RecordError } from '../records/index.ts';
import { ProjectError } from './project-error.ts';

export type { Preview };

/** @param name of the file, as its owner knows it @throws ProjectError for a file that the batch would fail for */
export async function previewFile(name: string, params: PreviewParams): Promise<Preview> {
  try {
    return await preview(params);
  } catch (error) {
    if (!(error instanceof RecordError || error instanceof BatchError)) throw error;
    throw new ProjectError(`${name} cannot be read: ${error.message}`, { cause: error });
  }
}
