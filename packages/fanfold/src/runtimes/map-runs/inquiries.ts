/** Looking at map runs, and changing those that run. */
import type { MapRuns as MapRunsPort } from '../../ports/map-runs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Store } from '../../ports/store.ts';
import type { MapRuns } from './map-runs.ts';

export interface MapRunInquiriesParams {
  readonly store: Store;
  readonly mapRuns: Pick<MapRuns, 'live'>;
  /** Resolves when what was running is live again. */
  readonly ready: () => Promise<void>;
}

const NONE = { items: 0, executions: 0 };

export function createMapRunInquiries({ store, mapRuns, ready }: MapRunInquiriesParams): MapRunsPort {
  const describe: MapRunsPort['describe'] = async (mapRunArn) => {
    const live = mapRuns.live(mapRunArn);
    if (live) return { run: live.run, running: live.running };
    const run = await store.mapRun(mapRunArn);
    if (!run) throw new ServiceError('ResourceNotFound', `Map Run does not exist: '${mapRunArn}'`);
    return { run, running: NONE };
  };
  return {
    describe,
    list: async (executionArn) => {
      const runs = await store.mapRuns(executionArn);
      return runs.map((run) => mapRuns.live(run.arn)?.run ?? run);
    },
    update: async (mapRunArn, change) => {
      await ready();
      const live = mapRuns.live(mapRunArn);
      if (live) return live.update(change);
      const { status } = (await describe(mapRunArn)).run;
      throw new ServiceError('ValidationException', `The map run has ended (${status}): '${mapRunArn}'`);
    },
  };
}
