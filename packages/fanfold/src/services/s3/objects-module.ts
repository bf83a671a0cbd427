/** Where the module is whose `createObjects` makes the objects of a worker. Loads nothing. */
export const OBJECTS_MODULE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './objects.ts' : './objects.js',
  import.meta.url,
);
