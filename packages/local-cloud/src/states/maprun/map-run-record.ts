import type { Json } from '../language/json.ts';
import type { Payload } from '../language/payload.ts';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** What a map run was told; UpdateMapRun may change the first three. */
export interface MapRunSettings {
  /** 0: no limit of its own. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
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
