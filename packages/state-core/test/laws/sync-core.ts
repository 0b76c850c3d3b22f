import type { Json } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import type { Delta, SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { validateEnvelope, validateSegmentResult } from '@statebag/contracts/validators';
import { type Asked, law } from '@statebag/law';
import { byteSizeOf, canonicalJson, type Thresholds, universalSyncCore } from '@statebag/state-core';
import { joinBranches } from '@statebag/state-core/core/join-branches';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { planResult } from '@statebag/state-core/core/plan-result';
import { reduceField } from '@statebag/state-core/core/reduce';
import { storeAll } from '@statebag/state-core/store/store-all';
import { aBag, aDraft, anEntry, aResult, aRun, frozen, set, textOf } from '@statebag/state-core/testing';
import fc from 'fast-check';
import { anyDelta, anyDeltas, anyThresholds } from './arbitraries.ts';

type Run = ReturnType<typeof aRun>;
type State = ReadonlyMap<string, Json>;

/** One law: its name, and a check over that many cases. */
export interface Law {
  readonly name: string;
  readonly check: (asked: Asked) => Promise<void>;
}

export const LAWS: readonly Law[] = [
  {
    name: 'what segments wrote is what hydration gives, through packs, index, overlay and back',
    check: (asked) => law(fc.asyncProperty(anyDeltas, anyThresholds, roundTrip), asked),
  },
  {
    name: 'a result delivered again, at once or late, changes nothing',
    check: (asked) => law(fc.asyncProperty(anyDeltas, anyThresholds, fc.nat(), repeatsChangeNothing), asked),
  },
  {
    name: 'a group gives the same bag whatever order its branches finished in',
    check: (asked) =>
      law(fc.asyncProperty(fc.array(anyDelta, { minLength: 1, maxLength: 6 }), fc.nat(), anyOrder), asked),
  },
  {
    name: 'every history entry can be read, once and in order, wherever it lies',
    check: (asked) =>
      law(
        fc.asyncProperty(
          fc.array(fc.array(fc.tuple(fc.nat(400), fc.nat(3_000)), { maxLength: 90 }), { maxLength: 6 }),
          historyIsKept,
        ),
        asked,
      ),
  },
];

/** `npm run laws`: all of them, the full number of cases. */
export async function run({ cases, seed }: { cases: number; seed: number }): Promise<void> {
  for (const { name, check } of LAWS) {
    await check({ cases, seed });
    console.log(`  holds for ${cases} cases: ${name}`);
  }
  const large = Math.max(1, Math.round(cases / 50));
  await law(fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), fc.nat(), largeState), {
    cases: large,
    seed,
  });
  console.log(`  holds for ${large} states of ${LARGE >> 20} MB: they seal within the budget and come back`);
}

const LARGE = 20 * 2 ** 20;

/** One result of 20 MB in so many fields. */
async function largeState(fields: number, seed: number): Promise<void> {
  const run = aRun();
  const delta = Array.from({ length: fields }, (_, index) =>
    set(`field-${index}`, textOf(Math.floor(LARGE / fields), seed + index)),
  );
  const bag = await apply(await aBag({}, run), delta, run);
  checkShape(bag);
  await checkState(bag, applied(new Map(), delta), run);
}

async function roundTrip(deltas: readonly Delta[], thresholds: Thresholds): Promise<void> {
  const run = aRun(undefined, thresholds);
  let bag = await aBag({}, run);
  let state: State = new Map();
  for (const delta of deltas) {
    bag = await apply(bag, delta, run);
    state = applied(state, delta);
    checkShape(bag);
    await checkState(bag, state, run);
  }
}

async function repeatsChangeNothing(
  deltas: readonly Delta[],
  thresholds: Thresholds,
  pick: number,
): Promise<void> {
  const run = aRun(undefined, thresholds);
  let bag = await aBag({}, run);
  const results: NormalisedResult[] = [];
  for (const delta of deltas) {
    const result = await travelled(bag, delta, run);
    results.push(result);
    bag = (await universalSyncCore(bag, result, run.context)).envelope.state_data;
    const late = results[pick % results.length] ?? result;
    const again = await universalSyncCore(frozen(bag), late, run.context);
    expectSame(again.envelope, { state_data: bag, next_action: bag.next_action });
  }
}

async function anyOrder(deltas: readonly Delta[], shuffle: number): Promise<void> {
  const records = deltas.map((delta, branch_index) => ({
    schema_version: 1 as const,
    branch_id: `b${branch_index}`,
    branch_index,
    status: 'COMPLETE' as const,
    delta: [...delta],
    history: [anEntry(`h${branch_index}`)],
    usage: { llm_calls: branch_index, input_tokens: 1, output_tokens: 2, cost_nano_usd: 3 },
    failures: [],
  }));
  const other = records.toSorted(
    (left, right) => ((left.branch_index * 7 + shuffle) % 5) - ((right.branch_index * 7 + shuffle) % 5),
  );
  const bags = [records, other].map(async (finished) => {
    const run = aRun();
    const bag = await aBag({}, run);
    const { delta, history, usage } = joinBranches(finished, () => false);
    return (await universalSyncCore(bag, aResult(bag, delta, { history, usage }), run.context)).envelope;
  });
  const [first, second] = await Promise.all(bags);
  expectSame(first, second);
}

async function historyIsKept(batches: readonly (readonly (readonly [number, number])[])[]): Promise<void> {
  const run = aRun();
  let bag = await aBag({}, run);
  const seen = new Set<string>();
  for (const batch of batches) {
    const fresh = batch.map(([id, size]) => anEntry(`h${bag.loop_counter}-${id}`, 'x'.repeat(size)));
    const { result, writes } = planResult(aDraft(bag, [], { new_history_logs: fresh as never }), run.context);
    await storeAll(writes, run.session);
    bag = (await universalSyncCore(frozen(bag), normalised(bag, result), run.context)).envelope.state_data;
    for (const entry of fresh) seen.add('id' in entry ? entry.id : '');
    checkShape(bag);
  }
  const entries = await run.session.hydrator.history(bag.state_history);
  expectSame([...new Set(entries.map(({ id }) => id))], [...seen]);
}

/** A delta on its way: planned by its segment, carried as text, merged by the core. */
async function apply(bag: StateBag, delta: Delta, run: Run): Promise<StateBag> {
  const { envelope, bagBytes } = await universalSyncCore(
    frozen(bag),
    frozen(await travelled(bag, delta, run)),
    run.context,
  );
  if (bagBytes !== byteSizeOf(envelope.state_data))
    throw new Error(`measured ${bagBytes}, takes ${byteSizeOf(envelope.state_data)}`);
  return JSON.parse(JSON.stringify(envelope.state_data)) as StateBag; // as it crosses the wire
}

async function travelled(bag: StateBag, delta: Delta, run: Run): Promise<NormalisedResult> {
  const { result, writes } = planResult(frozen(aDraft(bag, [...delta])), run.context);
  await storeAll(writes, run.session);
  if (!validateSegmentResult(result))
    throw new Error(
      `the result does not fit its schema: ${JSON.stringify(validateSegmentResult.errors?.[0])}`,
    );
  if (byteSizeOf(result) > BUDGET.result) throw new Error(`the result takes ${byteSizeOf(result)}`);
  return normalised(bag, JSON.parse(JSON.stringify(result)) as SegmentResult); // as it crosses the wire
}

function normalised(bag: StateBag, { delta, new_history_logs, ...result }: SegmentResult): NormalisedResult {
  return aResult(bag, delta, { result_id: result.result_id, history: new_history_logs });
}

/** What the operations mean, said as simply as possible. */
function applied(state: State, delta: Delta): State {
  const next = new Map(state);
  for (const operation of delta) {
    if (operation.op === 'delete') next.delete(operation.field);
    else if ('value' in operation)
      next.set(
        operation.field,
        operation.op === 'set'
          ? operation.value
          : reduceField(operation.reducer, next.get(operation.field), operation.value),
      );
  }
  return next;
}

function checkShape(bag: StateBag): void {
  const envelope = { state_data: bag, next_action: bag.next_action };
  if (!validateEnvelope(envelope))
    throw new Error(`the bag does not fit its schema: ${JSON.stringify(validateEnvelope.errors?.[0])}`);
  if (byteSizeOf(bag) > BUDGET.bag) throw new Error(`the bag takes ${byteSizeOf(bag)}`);
}

async function checkState(bag: StateBag, state: State, run: Run): Promise<void> {
  const fresh = aRun(run.process.store).session;
  expectSame(await fresh.hydrator.fields(bag, 'all'), Object.fromEntries(state));
}

/** Compares canonical texts: equal in any realm, and -0 is not 0. */
function expectSame(found: unknown, expected: unknown): void {
  const [left, right] = [canonicalJson(found as Json), canonicalJson(expected as Json)]; // both are JSON
  if (left !== right) throw new Error(`found ${left.slice(0, 2_000)}\nexpected ${right.slice(0, 2_000)}`);
}
