export { bothGenerations } from './execute-segment/legacy/both-generations.ts';
export { type RunnerConfig, readRunnerConfig } from './execute-segment/runner-config.ts';
export { executeSegment } from './execute-segment/step.ts';
