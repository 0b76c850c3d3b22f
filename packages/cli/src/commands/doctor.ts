import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import {
  type Diagnosis,
  diagnose,
  type Level,
  type MachineTrend,
  type Measured,
  measure,
  REPORT_VERSION,
  RIGHTS,
  rank,
  sarif,
  stateLines,
} from '@statebag/doctor';
import type { Looked } from '../doctor/looked.ts';
import { readFileToLook } from '../doctor/read-files.ts';
import { EXIT, UsageError } from '../exit.ts';
import { diagnosisText, trendText } from '../render/doctor-text.ts';

export interface DoctorOptions {
  readonly since: string;
  readonly most: string;
  readonly failOn: string;
  readonly definition?: string;
  readonly save?: string;
  readonly sarif?: string;
  readonly rights?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** What was looked at, with what was found. */
interface Examined extends Looked {
  readonly diagnosis: Diagnosis;
}

/** Histories are large: of many executions only what was found in each is kept. */
function examine(looked: Looked, { save: kept }: DoctorOptions): Examined {
  const diagnosis = diagnose(looked.patient);
  const { events: _, ...patient } = looked.patient;
  return { ...looked, patient: kept === undefined ? patient : looked.patient, diagnosis };
}

/**
 * `statebag doctor`: why an execution died, how close it came to each limit, and what mends it. Only
 * reads.
 */
export async function doctor(targets: readonly string[], options: DoctorOptions): Promise<number> {
  if (options.rights === true) {
    process.stdout.write(`${JSON.stringify(RIGHTS, null, 2)}\n`);
    return EXIT.succeeded;
  }
  const least = levelOf(options.failOn);
  if (targets.length === 0) throw nothingGiven();
  const { examined, more } = await readAll(targets, options);
  const trends = trendsOf(examined);
  if (options.save !== undefined) await save(options.save, examined);
  if (options.sarif !== undefined) await writeFile(options.sarif, sarifText(examined));
  process.stdout.write(
    options.json === true ? jsonText(examined, trends) : readerText(examined, trends, more),
  );
  return least !== 'never' && examined.some(({ diagnosis }) => reaches(diagnosis, least))
    ? EXIT.runFailed
    : EXIT.succeeded;
}

const nothingGiven = (): UsageError =>
  new UsageError(
    'doctor: nothing to look at\n  mend: give the ARN of an execution or of a machine, a history or a definition',
  );

const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

function levelOf(text: string): Level | 'never' {
  const level = [...LEVELS, 'never' as const].find((each) => each === text);
  if (level) return level;
  throw new UsageError(`--fail-on ${text}: no such level\n  mend: error, warning, note or never`);
}

const reaches = ({ findings }: Diagnosis, least: Level): boolean =>
  findings.some(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(least));

interface Gathered {
  readonly examined: readonly Examined[];
  /** Machines with more executions than were read. */
  readonly more: readonly string[];
}

async function readAll(targets: readonly string[], options: DoctorOptions): Promise<Gathered> {
  const examined: Examined[] = [];
  const more: string[] = [];
  for (const target of targets) {
    if (!target.startsWith('arn:')) {
      examined.push(examine(await readFileToLook(target, options.definition), options));
      continue;
    }
    const found = await readArn(target, options);
    examined.push(...found.examined);
    more.push(...found.more);
  }
  return { examined, more };
}

async function readArn(target: string, options: DoctorOptions): Promise<Gathered> {
  const [{ listExecutions, openReading, parseArn, readExecution, readMachineNow }, { readFamily }] =
    await Promise.all([import('../doctor/read-aws.ts'), import('../doctor/read-children.ts')]);
  const arn = parseArn(target);
  if (!arn)
    throw new UsageError(
      `${target}: no ARN of Step Functions\n  mend: give that of an execution or of a state machine`,
    );
  const limits = { since: Date.now() - ageOf(options.since), most: countOf(options.most) };
  const reading = await openReading(arn, options.dataDir);
  try {
    if (arn.kind === 'execution' || arn.kind === 'express') {
      const family = await readFamily(reading, await readExecution(reading, arn), limits.most);
      return { examined: family.map((each) => examine(each, options)), more: [] };
    }
    const { chosen, more } = await listExecutions(reading, arn, limits);
    const now = arn.kind === 'stateMachine' ? [await readMachineNow(reading, arn)] : [];
    const examined = now.map((each) => examine(each, options));
    for (const each of chosen) {
      const execution = parseArn(each);
      if (execution) examined.push(examine(await readExecution(reading, execution), options));
    }
    return { examined, more: more ? [target] : [] };
  } catch (error) {
    throw refused(error, target);
  } finally {
    await reading.close();
  }
}

/** What AWS refuses is told with what mends it. */
function refused(error: unknown, target: string): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  const mends: readonly (readonly [RegExp, string])[] = [
    [/AccessDenied/, 'statebag doctor --rights prints the policy that it needs'],
    [
      /DoesNotExist|ResourceNotFound/,
      'check the ARN, its region and the account; histories are kept 90 days',
    ],
  ];
  const mend = mends.find(([name]) => name.test(error.name))?.[1];
  return mend === undefined
    ? error
    : new UsageError(`${target}: ${error.name}: ${error.message}\n  mend: ${mend}`);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function ageOf(text: string): number {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const length = UNITS[unit];
  if (count !== undefined && length !== undefined) return Number(count) * length;
  throw new UsageError(`--since ${text}: not an age\n  mend: as 90m, 12h or 7d`);
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`--most ${text}: not a whole number above 0`);
}

function trendsOf(examined: readonly Examined[]): readonly MachineTrend[] {
  const byMachine = new Map<string, Measured[]>();
  for (const { machine, name, startedAt, diagnosis } of examined) {
    if (machine === undefined || startedAt === undefined) continue;
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), measure(name, startedAt, diagnosis)]);
  }
  return rank(byMachine);
}

/** History and definition in one file, which this command reads again without AWS. */
async function save(path: string, looked: readonly Looked[]): Promise<void> {
  const executions = looked.filter(({ patient, startedBy }) => patient.events && !startedBy);
  const [only, another] = executions;
  if (!only || another)
    throw new UsageError(
      `--save keeps one execution; there are ${executions.length}\n  mend: give the ARN of one`,
    );
  const { definition, events } = only.patient;
  const text = JSON.stringify({ execution: only.name, definition, events });
  await writeFile(path, path.endsWith('.gz') ? gzipSync(text) : text);
}

function sarifText(examined: readonly Examined[]): string {
  const files = examined.map(({ uri, text, diagnosis }) => ({
    uri,
    lines: stateLines(text),
    findings: diagnosis.findings,
  }));
  return `${JSON.stringify(sarif(files), null, 2)}\n`;
}

function jsonText(examined: readonly Examined[], machines: readonly MachineTrend[]): string {
  const looked = examined.map(({ name, machine, link, startedBy, diagnosis }) => ({
    name,
    machine,
    link,
    started_by: startedBy,
    ...diagnosis,
  }));
  return `${JSON.stringify({ version: REPORT_VERSION, looked, machines })}\n`;
}

/**
 * Of many executions the ranking, and in full only the one that came closest to a limit and those that
 * failed.
 */
function readerText(
  examined: readonly Examined[],
  trends: readonly MachineTrend[],
  more: readonly string[],
): string {
  const executions = examined.filter(({ startedAt }) => startedAt !== undefined);
  if (executions.filter(({ startedBy }) => !startedBy).length <= 1) return familyText(examined);
  const shown = new Set(trends.flatMap(({ closeness: [top] }) => top?.execution ?? []));
  const failed = executions.filter(({ diagnosis }) => diagnosis.status === 'FAILED').slice(0, FAILED_SHOWN);
  for (const { name } of failed) shown.add(name);
  const full = examined.filter(({ name, startedAt }) => startedAt === undefined || shown.has(name));
  return [trendText(trends, more), ...full.map((each) => diagnosisText(each))].join('\n');
}

/** One execution, and of those that it started what failed; the others are in --json. */
function familyText(examined: readonly Examined[]): string {
  const children = examined.filter(({ startedBy }) => startedBy);
  const failed = children.filter(
    ({ diagnosis: { status } }) => status === 'FAILED' || status === 'TIMED_OUT',
  );
  const shown = new Set(failed.slice(0, FAILED_SHOWN));
  return examined
    .filter((each) => !each.startedBy || shown.has(each))
    .map((each) => diagnosisText(each))
    .join('\n');
}

const FAILED_SHOWN = 3;
