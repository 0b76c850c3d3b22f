export type { Parting } from './first-difference.ts';
export type { ObjectFault } from './recorded-store.ts';
export { type Difference, type ReplayedRun, type ReplayReport, replayRun } from './replay-run.ts';
export { awsSource, type ReplaySource } from './source.ts';
