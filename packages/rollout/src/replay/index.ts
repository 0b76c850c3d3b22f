export { recordedDecision } from './recorded-decisions.ts';
export {
  beginReplay,
  bothEndsOf,
  publishedWorkflow,
  type Replay,
  type ReplayDeps,
  replayOwner,
} from './replay-run.ts';
export { compareEnds, compareReplay, type SeenExecution, seenRun } from './seen-run.ts';
