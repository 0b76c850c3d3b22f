import type { Json, JsonObject } from '@statebag/contracts';
import type { MapRequest } from '@statebag/contracts/schemas/pause-request';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import type { SegmentDefinition } from '../src/compile/segment-definition.ts';
import {
  listItems,
  type MapInvocation,
  mapNodeOf,
  mapSettings,
  type PlacedItem,
  readsOfBody,
  readsOfItems,
  runItems,
} from '../src/run/run-items.ts';

interface Map extends Pick<MapInvocation, 'clock' | 'ledger' | 'providers' | 'run'> {
  readonly segment: SegmentDefinition;
  readonly request: MapRequest;
  readonly state: JsonObject;
  readonly timeout: number;
}

/** Items that one worker takes at a time. */
const CHUNK = 3;

/**
 * What the workers of a list do, one after the other: each sees only what the items are worked on with, and
 * goes on where its time was over.
 */
export async function runMap({
  segment,
  request,
  state,
  timeout,
  ...outside
}: Map): Promise<readonly DeltaOperation[]> {
  const { node_id, loop, field } = request;
  const node = mapNodeOf(segment, node_id);
  const invocation = (reads: readonly string[] | 'all'): MapInvocation => ({
    ...outside,
    pause: async () => undefined,
    segment,
    node_id,
    loop,
    state: picked(state, reads),
    deadline: outside.clock() + timeout,
  });
  const source = await listItems(invocation(readsOfItems(node)));
  const items =
    source.kind === 'items'
      ? source.items.map((item, index): PlacedItem => ({ index, item: async () => item }))
      : [];
  const values: Json[] = [];
  while (values.length < items.length) {
    const { ends } = await runItems(
      invocation(readsOfBody(node)),
      items.slice(values.length, values.length + CHUNK),
      {
        isLastTry: false,
        keep: async (value) => ({ value }),
      },
    );
    values.push(...ends.map((end) => ('kept' in end ? end.kept.value : failed(end.index))));
  }
  const { reducer } = mapSettings(node);
  return [
    reducer === null ? { op: 'set', field, value: values } : { op: 'reduce', field, reducer, value: values },
  ];
}

function failed(index: number): never {
  throw new Error(`item ${index} failed`);
}

function picked(state: JsonObject, fields: readonly string[] | 'all'): JsonObject {
  return fields === 'all'
    ? state
    : Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
}
