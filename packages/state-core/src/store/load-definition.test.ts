import { describe, expect, test } from '@jest/globals';
import type { SegmentId } from '@statebag/contracts/ids';
import { type DefinitionLocation, manifestUri, segmentUri } from '@statebag/contracts/object-keys';
import { aRun, LOCATION } from '../../test/build.ts';
import { loadManifest, loadSegment } from './load-definition.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import { openSession, openStore } from './store-session.ts';

const DEFINITION = { bucket: 'state', owner_id: 'acme', definition_id: 'd'.repeat(64) } as DefinitionLocation;
const OTHER = { ...DEFINITION, owner_id: 'other' } as DefinitionLocation;
const [FIRST, SECOND] = ['s1', 's2'] as unknown as [SegmentId, SegmentId];

async function aStore() {
  const store = new MemoryObjectStore();
  const put = (uri: Parameters<typeof store.put>[0], value: object) =>
    store.put(uri, { body: Buffer.from(JSON.stringify(value)), encoding: 'json' });
  await put(manifestUri(DEFINITION), { name: 'mine' });
  await put(manifestUri(OTHER), { name: 'theirs' });
  await put(segmentUri(DEFINITION, FIRST), { id: 's1' });
  await put(segmentUri(DEFINITION, SECOND), { id: 's2' });
  return store;
}

describe('a definition', () => {
  test('is read once per process, manifest and segments apart', async () => {
    const clock = { now: 0 };
    const process = openStore(await aStore(), { now: () => clock.now });
    for (let round = 0; round < 3; round += 1) {
      const session = openSession(process, LOCATION);
      expect(await loadManifest(DEFINITION, session)).toEqual({ name: 'mine' });
      expect(await loadSegment(DEFINITION, FIRST, session)).toEqual({ id: 's1' });
      expect(await loadSegment(DEFINITION, SECOND, session)).toEqual({ id: 's2' });
      expect(session.counts).toMatchObject(
        round === 0 ? { gets: 3, cache_hits: 0 } : { gets: 0, cache_hits: 3 },
      );
    }
    clock.now = 300_000;
    const late = openSession(process, LOCATION);
    await loadManifest(DEFINITION, late);
    expect(late.counts.gets).toBe(1);
  });

  test('of one owner is not that of another with the same id', async () => {
    const process = openStore(await aStore());
    expect(await loadManifest(DEFINITION, openSession(process, LOCATION))).toEqual({ name: 'mine' });
    expect(await loadManifest(OTHER, openSession(process, LOCATION))).toEqual({ name: 'theirs' });
  });

  test('without the segment is named as the problem', async () => {
    const { session } = aRun(await aStore());
    await expect(loadSegment(DEFINITION, 's9' as SegmentId, session)).rejects.toMatchObject({
      name: 'Definition.SegmentUnknown',
      message: expect.stringContaining('s9'),
    });
    await expect(
      loadManifest({ ...DEFINITION, definition_id: 'e'.repeat(64) as never }, session),
    ).rejects.toMatchObject({ name: 'Store.ObjectMissing' });
  });
});
