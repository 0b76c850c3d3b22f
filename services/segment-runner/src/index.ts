export { openProviders, type ReadParameter } from './execute-segment/open-providers.ts';
export { type RunnerConfig, readRunnerConfig } from './execute-segment/runner-config.ts';
export { executeSegment } from './execute-segment/step.ts';
