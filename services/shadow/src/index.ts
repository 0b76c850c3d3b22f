export { beginShadow, replayOf } from './begin-shadow/begin-shadow.ts';
export { compareReplay } from './replay/compare-replay.ts';
export type { ReplayDeps } from './replay/replay-deps.ts';
export { replayOwner } from './replay/replay-owner.ts';
export { beginReplay, bothEndsOf, publishedWorkflow, type Replay } from './replay/replay-run.ts';
export { type SeenExecution, seenRun } from './replay/seen-run.ts';
