/** Which run has published a file of some content. */
export interface PublishedBy {
  readonly run: string;
  readonly key: string;
}
