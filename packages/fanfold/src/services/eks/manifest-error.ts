/** What is wrong with a manifest: `invalid` is what Kubernetes would refuse, `unavailable` what is not there here. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly kind: 'invalid' | 'unavailable';

  constructor(kind: 'invalid' | 'unavailable', message: string) {
    super(message);
    this.kind = kind;
  }
}
