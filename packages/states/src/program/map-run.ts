import type { StateScope } from '../language/data-flow.ts';
import type { Json } from '../language/json.ts';
import type { Payload } from '../language/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects } from '../ports/services.ts';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** What a map run was told; UpdateMapRun may change the first three. */
export interface MapRunSettings extends Tolerance {
  /** 0: no limit of its own. */
  readonly maxConcurrency: number;
  readonly label: string;
  readonly express: boolean;
}

/** What one child execution works on. */
export interface MapUnit {
  readonly input: Json;
  /** How many items it stands for. */
  readonly items: number;
}

/** What the journal knows of a map run. Times are epoch milliseconds. */
export interface MapRunRecord {
  readonly id: number;
  readonly arn: string;
  readonly execution: number;
  readonly frame: number;
  /** Name of the Map state. */
  readonly state: string;
  readonly startedAt: number;
  status: MapRunStatus;
  stoppedAt: number | undefined;
  settings: MapRunSettings;
  /** A list of units; undefined until they have been read, and after the end. */
  units: Payload | undefined;
  /** Items in all. */
  total: number;
  redriveCount: number;
  redrivenAt: number | undefined;
}

/** The units of a record; they were written as such. */
export function unitsOf(units: Payload): readonly MapUnit[] {
  const list = units.value;
  return Array.isArray(list) ? list : [];
}

/** What the Map state of a run says. */
export interface MapRunPlan {
  /** Undefined: the items are in the state's input. */
  readonly read: ItemReader | undefined;
  items(work: StateScope): readonly Json[];
  /** Evaluates what a batcher says, and gives what makes units of the items. */
  batch(work: StateScope): (items: readonly Json[]) => readonly MapUnit[];
  readonly writer: ((work: StateScope) => WriterPlan) | undefined;
  settings(work: StateScope): MapRunSettings;
}

/** Evaluates what an item reader says, and gives what reads the items of a distributed map from S3. */
export type ItemReader = (
  work: StateScope,
) => (from: { readonly objects: Objects; readonly clock: Clock }) => Promise<readonly Json[]>;

/** What a Map makes of its items, for who tests it. What it does not say is undefined. */
export interface MapInspection {
  readonly items: readonly Json[];
  readonly afterItemsPath?: Json | undefined;
  readonly afterItemsPointer?: Json | undefined;
  readonly afterItemSelector?: Json | undefined;
  readonly afterItemBatcher?: Json | undefined;
  readonly maxConcurrency: number;
  readonly tolerance?: Tolerance | undefined;
}

/** Looks at a Map without running it. */
export interface MapInspector {
  /** Undefined: the items are in the state's input. */
  readonly read: ItemReader | undefined;
  inspect(work: StateScope, read: readonly Json[] | undefined): MapInspection;
}

/** How many items may fail. */
export interface Tolerance {
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
}

/** Tells whether more has failed than may. */
export function isExceeded(
  { toleratedFailureCount: count, toleratedFailurePercentage: share }: Tolerance,
  { failed, total }: { failed: number; total: number },
): boolean {
  if (share !== undefined && failed * 100 > share * total) return true;
  return (count !== undefined || share === undefined) && failed > (count ?? 0);
}

/** Where the results of a map run go, and in which shape. */
export interface WriterPlan {
  readonly bucket: string;
  readonly prefix: string;
  readonly transformation: Transformation;
  readonly outputType: 'JSON' | 'JSONL';
}

export type Transformation = 'NONE' | 'COMPACT' | 'FLATTEN';
