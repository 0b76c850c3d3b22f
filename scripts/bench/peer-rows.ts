import { atLeast, atMost, type BenchRow } from './bench-row.ts';

/** What our own engine does. Times in ms. */
export interface OursMeasured {
  /** Ten transforms in one segment. */
  readonly steps: Measured;
  /** Ten segments, each with a recorded call. */
  readonly calls: Measured;
  /** The steps, more and more at once. */
  readonly curve: Measured;
  readonly crash: Crash;
  readonly firstResult: { readonly ms: number };
}

export interface PeerMeasured {
  readonly steps: Measured;
  readonly crash: Crash | undefined;
}

export interface Measured {
  readonly rounds: readonly Round[];
  /** Null where nothing is kept. */
  readonly bytesPerRun: number | null;
  /** Memory before anything was asked; missing where nobody can say. */
  readonly idleBytes?: number;
}

export interface Round {
  readonly atOnce: number;
  readonly perSecond: number;
  readonly medianMs: number;
  /** The most memory at once. */
  readonly mostBytes?: number;
}

/** What came after a kill. */
export interface Crash {
  /** From the start of the next process to the last result. */
  readonly ms: number;
  /** Steps that were at work when it was killed. */
  readonly inFlight: number;
  /** Steps that were begun once more. */
  readonly repeated: number;
  readonly steps: number;
}

/** What ours must reach whatever the others do. */
const TARGETS = {
  steps: {
    perSecond: new Map([
      [1, 25],
      [20, 35],
    ]),
    bytes: 250 * 1024,
    medianMs: 40,
  },
  calls: {
    perSecond: new Map([
      [1, 10],
      [20, 15],
    ]),
    bytes: 500 * 1024,
  },
  /** Beside the best with fewer at once: what is measured varies so much. */
  steady: 0.9,
  crashMs: 3_000,
  firstResultMs: 800,
  idleMb: 250,
  busyMb: 1_200,
} as const;
const BUSY = 200;
/** Runs in flight at the crash, each of which has one call under way at most. */
const CRASHED = 20;
const MB = 1024 * 1024;

/** Rows about ours alone, each with its target. */
export function ofOurs({ steps, calls, curve, crash, firstResult }: OursMeasured): BenchRow[] {
  return [
    ...steps.rounds.map((round) => pace('ten steps in one segment', round, TARGETS.steps.perSecond)),
    ...steps.rounds.filter(({ atOnce }) => atOnce === 1).map(median),
    kept('ten steps in one segment', steps, TARGETS.steps.bytes),
    ...calls.rounds.map((round) => pace('ten segments with a call each', round, TARGETS.calls.perSecond)),
    kept('ten segments with a call each', calls, TARGETS.calls.bytes),
    steadiness(curve.rounds),
    ...memory(curve),
    ...recovery(crash),
    atMost(TARGETS.firstResultMs, {
      figure: 'Statebag, `statebag run` to its result, not for the first time',
      unit: 'ms',
      ours: firstResult.ms,
    }),
  ];
}

/** Rows of ours beside an engine that has done the same. */
export function beside(name: string, ours: OursMeasured, theirs: PeerMeasured): BenchRow[] {
  const { crash } = theirs;
  return [
    ...compareWorks('ten steps in one segment', name, [ours.steps, theirs.steps]),
    // whoever keeps each step has done this work already
    ...(crash ? compareWorks('ten steps, each kept', name, [ours.calls, theirs.steps]) : []),
    ...(crash ? crashesBeside(name, [ours.crash, crash]) : []),
  ];
}

function pace(
  work: string,
  { atOnce, perSecond, medianMs }: Round,
  least: ReadonlyMap<number, number>,
): BenchRow {
  const figure = `Statebag, ${work}, ${atOnce} at a time`;
  return {
    ...atLeast(least.get(atOnce) ?? 0, { figure, unit: 'workflows/s', ours: perSecond }),
    note: `half of them took at most ${medianMs.toFixed(0)} ms`,
  };
}

function median({ medianMs }: Round): BenchRow {
  const figure = 'Statebag, ten steps in one segment, one at a time: the median';
  return atMost(TARGETS.steps.medianMs, { figure, unit: 'ms', ours: medianMs });
}

function kept(work: string, { bytesPerRun }: Measured, most: number): BenchRow {
  const figure = `Statebag, ${work}, kept on disk`;
  return atMost(most, { figure, unit: 'bytes/workflow', ours: bytesPerRun ?? 0 });
}

/** The worst of all steps of the curve: what it comes to beside the best with fewer at once. */
function steadiness(rounds: readonly Round[]): BenchRow {
  const ratios = rounds.slice(1).map(({ perSecond }, index) => {
    const before = rounds.slice(0, index + 1).map((round) => round.perSecond);
    return perSecond / Math.max(...before);
  });
  const drawn = rounds.map(({ atOnce, perSecond }) => `${atOnce} → ${perSecond.toFixed(1)}`).join(', ');
  return {
    ...atLeast(TARGETS.steady, {
      figure: 'Statebag, throughput as more run at once',
      unit: 'of the best with fewer',
      ours: Math.min(...ratios),
    }),
    note: `at once → workflows a second: ${drawn}`,
  };
}

/** Nothing where nobody can say what a process has. */
function memory({ rounds, idleBytes }: Measured): BenchRow[] {
  const busy = rounds.find(({ atOnce }) => atOnce === BUSY)?.mostBytes;
  if (idleBytes === undefined || busy === undefined) return [];
  const row = (figure: string, most: number, bytes: number): BenchRow =>
    atMost(most, { figure: `Statebag, memory of dev, ${figure}`, unit: 'MB', ours: bytes / MB });
  return [row('idle', TARGETS.idleMb, idleBytes), row(`with ${BUSY} runs in flight`, TARGETS.busyMb, busy)];
}

function recovery({ ms, repeated, inFlight, steps }: Crash): BenchRow[] {
  const after = `Statebag, killed with ${CRASHED} runs in flight`;
  return [
    atMost(TARGETS.crashMs, { figure: `${after}: start to last result`, unit: 'ms', ours: ms }),
    {
      ...atMost(CRASHED, { figure: `${after}: calls made again`, unit: 'calls', ours: repeated }),
      note: `of ${steps}; ${inFlight} were with the model when it was killed`,
    },
  ];
}

function compareWorks(work: string, name: string, [ours, theirs]: readonly [Measured, Measured]): BenchRow[] {
  const rounds = ours.rounds.flatMap((round) => {
    const other = theirs.rounds.find(({ atOnce }) => atOnce === round.atOnce);
    if (!other) return [];
    const figure = `${work}, ${round.atOnce} at a time`;
    return [compared(figure, 'workflows/s', name, [round.perSecond, other.perSecond])];
  });
  const { bytesPerRun } = ours;
  if (bytesPerRun === null || theirs.bytesPerRun === null) return rounds;
  const figure = `${work}, kept on disk`;
  return [...rounds, compared(figure, 'bytes/workflow', name, [bytesPerRun, theirs.bytesPerRun])];
}

function crashesBeside(name: string, [ours, theirs]: readonly [Crash, Crash]): BenchRow[] {
  return [
    compared('killed and started: to the last result', 'ms', name, [ours.ms, theirs.ms]),
    compared('killed and started: steps made again', 'steps', name, [ours.repeated, theirs.repeated]),
  ];
}

function compared(figure: string, unit: string, name: string, [ours, theirs]: [number, number]): BenchRow {
  return {
    figure,
    unit,
    ours,
    reference: theirs,
    reference_name: name,
    // what is nothing there has no ratio
    ratio: theirs === 0 ? null : ours / theirs,
    target: 'shown',
    holds: true,
  };
}
