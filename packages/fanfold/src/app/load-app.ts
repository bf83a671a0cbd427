/**
 * A way to `createApp` that loads the engine when it is called. Project files, functions and most commands import from where
 * this is exported and never call it: they are not to wait for hundreds of modules.
 */
import type { App, AppOptions } from './create-app.ts';
import { startTablesThread } from './early-threads.ts';

/** Opens the project's data directory and sets everything in it going. @throws ProjectError */
export async function createApp(options: AppOptions): Promise<App> {
  const tablesThread = startTablesThread();
  try {
    const engine = await import('./create-app.ts');
    return await engine.createApp(options, tablesThread);
  } catch (error) {
    await tablesThread.close();
    throw error;
  }
}
