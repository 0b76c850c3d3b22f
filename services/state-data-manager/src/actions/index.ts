import type { Action } from '@statebag/contracts';
import { aggregateBranches } from './aggregate-branches.ts';
import { aggregateDistributed } from './aggregate-distributed.ts';
import { createSnapshot } from './create-snapshot.ts';
import { decompress } from './decompress.ts';
import { mergeAsync } from './merge-async.ts';
import { mergeCallback } from './merge-callback.ts';
import { restore } from './restore.ts';
import { sync } from './sync.ts';
import { syncBranch } from './sync-branch.ts';
import { updateAndCompress } from './update-and-compress.ts';

/** Every action of `stateDataManager` by its name, one module each; `init` is a function of its own. */
export const ACTIONS = {
  sync,
  sync_branch: syncBranch,
  aggregate_branches: aggregateBranches,
  merge_callback: mergeCallback,
  merge_async: mergeAsync,
  aggregate_distributed: aggregateDistributed,
  create_snapshot: createSnapshot,
  restore,
  update_and_compress: updateAndCompress,
  decompress,
} as const satisfies Record<Exclude<Action, 'init'>, object>;
