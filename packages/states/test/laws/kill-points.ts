import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXECUTION, OUTPUT } from './kill-machine.ts';
import { begin, type LogLine, openWorld, readLog, type World } from './kill-world.ts';

/** Points that a run passes; measured, and only used to spread the kills over it. */
const POINTS_OF_A_RUN = 570;
/**
 * Calls that can be under way at one time: 20 iterations of one map, 5 of another, 4 children of the third,
 * and one in each other branch.
 */
const IN_FLIGHT = 34;
const AT_ONCE = 2;

/** What killing came to. */
export interface LawReport {
  readonly runs: number;
  /** Runs that a kill reached before their end. */
  readonly killed: number;
  readonly repeatedTasks: number;
  /** Empty: the law holds. */
  readonly violations: readonly string[];
}

/**
 * Law: an execution whose process dies at any point ends as if it had not. No finished step runs again, a
 * task at most once more,
 * and nothing that was answered is lost. Every run has one kill, at a point of its own.
 */
export async function run({ count, seed }: { count: number; seed: number }): Promise<LawReport> {
  const points = spread(count, seed);
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let point = points.pop(); point !== undefined; point = points.pop())
      outcomes.push(await killAt(point));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return {
    runs: count,
    killed: outcomes.filter(({ killed }) => killed).length,
    repeatedTasks: outcomes.reduce((total, { repeated }) => total + repeated, 0),
    violations: outcomes.flatMap(({ point, violations }) =>
      violations.map((violation) => `killed at point ${point} (seed ${seed}): ${violation}`),
    ),
  };
}

interface Outcome {
  readonly point: number;
  readonly killed: boolean;
  readonly repeated: number;
  readonly violations: readonly string[];
}

/** One point in each of `count` equal stretches of a run. */
function spread(count: number, seed: number): number[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from(
    { length: count },
    (_, index) => 1 + Math.floor(((index + random()) * POINTS_OF_A_RUN) / count),
  );
}

async function killAt(point: number): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-law-'));
  try {
    const killed = await runUntilKilled(dataDir, point);
    const before = readLog(dataDir);
    const world = openWorld(dataDir);
    try {
      const violations = await finish(world, before);
      const calls = callsOf(readLog(dataDir));
      const repeated = [...calls].filter(([, times]) => times > 1);
      const tooOften = repeated
        .filter(([, times]) => times > 2)
        .map(([key, times]) => `'${key}' ran ${times} times`);
      if (repeated.length > IN_FLIGHT)
        tooOften.push(`${repeated.length} tasks ran again; at most ${IN_FLIGHT} were under way`);
      return { point, killed, repeated: repeated.length, violations: [...violations, ...tooOften] };
    } finally {
      await world.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** True: the process was killed; false: it came to its end first. */
function runUntilKilled(dataDir: string, point: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      new URL('kill-child.ts', import.meta.url).pathname,
      dataDir,
      String(point),
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`the process ended with ${code ?? signal} before point ${point}`));
    });
  });
}

/** Takes the execution up again, here, and compares how it ends. */
async function finish({ engine, clock, statuses }: World, before: readonly LogLine[]): Promise<string[]> {
  const { actions } = engine;
  const release = clock.hold();
  engine.start();
  const acknowledged = before.some(({ what }) => what === 'started');
  const known = await actions['DescribeExecution']?.({ executionArn: EXECUTION }).then(
    () => true,
    () => false,
  );
  if (!known) {
    if (acknowledged) return ['the execution is lost, though its start was answered'];
    await begin(engine);
  }
  const lost = await answerAll(engine, before);
  release();
  return [
    ...lost,
    ...(await ending(engine)),
    ...(await historyProblems(engine)),
    ...(await statusProblems(statuses)),
  ];
}

/**
 * Answers the tokens that the dead process had given away. One whose answer was acknowledged must not wait
 * any more.
 */
async function answerAll({ actions }: World['engine'], before: readonly LogLine[]): Promise<string[]> {
  const answered = new Set(before.flatMap(({ what, key }) => (what === 'answered' ? [key] : [])));
  const problems: string[] = [];
  for (const { what, key: taskToken } of before) {
    if (what !== 'asked') continue;
    const waits = await actions['SendTaskSuccess']?.({
      taskToken,
      output: JSON.stringify({ answered: true }),
    }).then(
      () => true,
      () => false,
    );
    if (waits && answered.has(taskToken)) problems.push('an answer that was acknowledged is lost');
  }
  return problems;
}

async function ending({ actions }: World['engine']): Promise<string[]> {
  for (let polls = 0; polls < 20_000; polls += 1) {
    const execution: Record<string, unknown> = {
      ...(await actions['DescribeExecution']?.({ executionArn: EXECUTION })),
    };
    if (execution['status'] === 'RUNNING') {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    const same = execution['status'] === 'SUCCEEDED' && execution['output'] === JSON.stringify(OUTPUT);
    return same
      ? []
      : [
          `it ended ${execution['status']}: ${String(execution['output'] ?? execution['cause']).slice(0, 300)}`,
        ];
  }
  return ['it did not end'];
}

/** Events are numbered without gaps and point backwards. */
async function historyProblems({ actions }: World['engine']): Promise<string[]> {
  const events: { id: number; previousEventId: number }[] = [];
  let nextToken: unknown;
  do {
    const page: Record<string, unknown> = {
      ...(await actions['GetExecutionHistory']?.({ executionArn: EXECUTION, maxResults: 1000, nextToken })),
    };
    if (Array.isArray(page['events'])) events.push(...page['events']);
    nextToken = page['nextToken'];
  } while (nextToken !== undefined);
  const wrong = events.find(({ id, previousEventId }, index) => id !== index + 1 || previousEventId >= id);
  return wrong ? [`event ${wrong.id} after ${wrong.previousEventId} is out of order`] : [];
}

/** The bus is told a little after the end. */
async function statusProblems(statuses: () => readonly string[]): Promise<string[]> {
  for (let polls = 0; polls < 2_000 && statuses().length < 2; polls += 1)
    await new Promise((resolve) => setTimeout(resolve, 1));
  const told = statuses().join(', ');
  return told === 'RUNNING, SUCCEEDED' ? [] : [`the bus was told '${told}'`];
}

function callsOf(lines: readonly LogLine[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const { what, key } of lines) if (what === 'begun') calls.set(key, (calls.get(key) ?? 0) + 1);
  return calls;
}
