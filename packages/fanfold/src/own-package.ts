/** Lets modules of a project import this package where the project has not installed it: they get the one that runs. */
import { registerHooks } from 'node:module';

let registered = false;

/** For this thread, once. What a project has installed itself goes first. */
export function offerOwnPackage(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!/^fanfold(?:\/|$)/.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
