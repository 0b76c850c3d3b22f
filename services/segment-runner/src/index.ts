export { bothGenerations } from './execute-segment/legacy/both-generations.ts';
export { type RunnerConfig, readRunnerConfig } from './execute-segment/runner-config.ts';
export { executeSegment } from './execute-segment/step.ts';
export { prepareDistributedExecution } from './prepare-distributed-execution/step.ts';
export { processSegmentChunk } from './process-segment-chunk/step.ts';
