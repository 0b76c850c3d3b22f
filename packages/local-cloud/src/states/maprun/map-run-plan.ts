import type { Json } from '../language/json.ts';
import type { Frame } from '../run/frame.ts';
import type { ItemReader } from './item-reader.ts';
import type { MapRunSettings, MapUnit } from './map-run-record.ts';
import type { WriterPlan } from './result-writer.ts';

/** What the Map state of a run says. */
export interface MapRunPlan {
  /** Undefined: the items are in the state's input. */
  readonly read: ItemReader | undefined;
  items(frame: Frame): readonly Json[];
  units(frame: Frame, items: readonly Json[]): readonly MapUnit[];
  readonly writer: ((frame: Frame) => WriterPlan) | undefined;
  settings(frame: Frame): MapRunSettings;
}
