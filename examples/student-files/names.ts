/** Names that the project, its functions and its runs share. */
export const STATE_MACHINE = 'StudentFiles';
export const TABLE = 'PRELIM_STUDENT_DATA';
export const INBOUND = 'inbound-file-drop';
/** Of the batch: the state machine's trigger looks at every CSV file of its own bucket. */
export const BATCH_INBOUND = 'batch-file-drop';
