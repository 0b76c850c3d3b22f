import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { ChunkOutcomes, ItemOutcome } from '@statebag/contracts/schemas/map';

/** What an item of a map came to; `MISSING` where no chunk says anything of it. */
export type Outcome = ItemOutcome | { readonly index: number; readonly status: 'MISSING' };

/** Loads what a chunk has left. */
export type LoadChunk = (chunk: StoredChunk) => Promise<ChunkOutcomes>;

/** A chunk that has left something. */
export type StoredChunk = ChunkResult & { readonly s3_path: string };

/** A chunk while its outcomes are taken one by one. */
interface OpenChunk {
  readonly outcomes: readonly ItemOutcome[];
  at: number;
  /** Its place among all tries, the latest last. */
  readonly age: number;
}

/**
 * The outcome of every item, in the order of the items: of several tries of one item the one that succeeded,
 * else the latest.
 * Only the chunks that the items at hand lie in are held, and a few that come next.
 */
export async function* outcomesInOrder(
  chunks: readonly StoredChunk[],
  total: number,
  load: LoadChunk,
): AsyncGenerator<Outcome> {
  const waiting = chunks
    .map((chunk, age) => ({ chunk, age }))
    .sort((left, right) => placeOf(left.chunk) - placeOf(right.chunk) || left.age - right.age);
  const loaded = loadedAhead(waiting.map(({ chunk }) => chunk), load); // biome-ignore format: one line
  let open: OpenChunk[] = [];
  let begun = 0;
  for (let index = 0; index < total; index += 1) {
    for (let next = waiting[begun]; next && placeOf(next.chunk) <= index; next = waiting[++begun]) {
      const { value } = await loaded.next();
      open = [...open, { outcomes: value?.outcomes ?? [], at: 0, age: next.age }].sort(
        (left, right) => left.age - right.age,
      );
    }
    yield chosen(open, index);
    open = open.filter(({ outcomes, at }) => at < outcomes.length);
  }
}

/** Takes the outcomes of one item from all chunks that have one. */
function chosen(open: readonly OpenChunk[], index: number): Outcome {
  const found = open.flatMap((chunk) => {
    const outcome = chunk.outcomes[chunk.at];
    if (outcome?.index !== index) return [];
    chunk.at += 1;
    return [outcome];
  });
  return (
    found.findLast(({ status }) => status === 'SUCCEEDED') ?? found.at(-1) ?? { index, status: 'MISSING' }
  );
}

function placeOf({ execution_order }: ChunkResult): number {
  return execution_order ?? 0;
}

/** Chunks that are being loaded while others are taken in. */
const MOST_AHEAD = 16;
const MOST_ITEMS_AHEAD = 400;

async function* loadedAhead(chunks: readonly StoredChunk[], load: LoadChunk): AsyncGenerator<ChunkOutcomes> {
  const underway: { readonly items: number; readonly loading: Promise<ChunkOutcomes> }[] = [];
  const items = () => underway.reduce((sum, each) => sum + each.items, 0);
  let next = 0;
  for (const _ of chunks) {
    for (
      let chunk = chunks[next];
      chunk && (underway.length === 0 || (underway.length < MOST_AHEAD && items() < MOST_ITEMS_AHEAD));
      chunk = chunks[++next]
    ) {
      const loading = load(chunk);
      loading.catch(() => undefined); // thrown when its turn comes; until then nobody waits for it
      underway.push({ items: chunk.counts?.total ?? 1, loading });
    }
    const first = underway.shift();
    if (first) yield await first.loading;
  }
}
