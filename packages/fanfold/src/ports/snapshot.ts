/** A part of the data directory as it stood at one moment, whatever is written to it meanwhile. */
export interface Snapshot {
  /**
   * Writes the part into another folder, so that the part can be opened there.
   * @throws Error when it cannot be read or written
   */
  copyInto(directory: string): Promise<void>;
  /** Lets go of it; until then nothing that belongs to it is removed. */
  release(): void;
}
