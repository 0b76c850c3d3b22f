export type { Parting } from './first-difference.ts';
export { recordFixture } from './record/record-fixture.ts';
export type { ObjectFault } from './recorded-store.ts';
export { type Difference, type ReplayedRun, type ReplayReport, replayRun } from './replay-run.ts';
export { awsSource, type ReplaySource } from './source.ts';
