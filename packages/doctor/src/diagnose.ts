import type { JsonObject } from '@statebag/contracts';
import { PRICES } from '@statebag/contracts/prices';
import { type Machine, readMachine } from './definition.ts';
import { endOf, failedVisit, type HistoryEvent, type Visit, walk } from './history.ts';
import { largestPaths, type WeighedPath } from './json.ts';
import { type Loop, loopsOf } from './loops.ts';
import type { Case, Finding, Level } from './rule.ts';
import { dataOf, largestOf, sizeOf } from './rules/recorded-data.ts';
import { HISTORY_RULES, STATIC_RULES } from './rules.ts';

/** What is looked at: a definition, a history, or both. */
export interface Patient {
  readonly definition?: JsonObject | undefined;
  readonly events?: readonly HistoryEvent[] | undefined;
  /** What is already known not to be known: pages or logs that could not be read. */
  readonly unknown?: readonly string[];
  readonly now: number;
  /** The definition is a part of one that is looked at beside it: rules that need nothing else are left out. */
  readonly isPart?: boolean;
}

/** A finding with the rule that it comes from. */
export interface Diagnosed extends Finding {
  readonly code: string;
  readonly title: string;
  readonly level: Level;
}

/** What one state took, over all its visits; bytes are the most that the history shows. */
export interface StateFigures {
  readonly state: string;
  readonly visits: number;
  readonly retries: number;
  readonly inputBytes: number | undefined;
  readonly argumentBytes: number | undefined;
  readonly resultBytes: number | undefined;
  readonly outputBytes: number | undefined;
  readonly events: number;
  /** Transitions of a Standard execution: one for each entry and each retry. */
  readonly transitions: number;
  readonly usd: number;
}

export interface Largest {
  readonly state: string;
  readonly what: string;
  readonly bytes: number;
  readonly paths: readonly WeighedPath[];
}

export interface Diagnosis {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The state in which the failure arose. */
  readonly diedIn: string | undefined;
  readonly findings: readonly Diagnosed[];
  readonly states: readonly StateFigures[];
  readonly largest: Largest | undefined;
  readonly events: number;
  readonly loops: readonly Loop[];
  /** What the history or the definition cannot tell. */
  readonly unknown: readonly string[];
}

const ORDER: readonly Level[] = ['error', 'warning', 'note'];

/**
 * Applies every rule that can be applied to what is there. The same patient always gives the same
 * diagnosis.
 */
export function diagnose(patient: Patient): Diagnosis {
  const machine = patient.definition && readMachine(patient.definition);
  const execution = patient.events && caseOf(patient.events, machine, patient.now);
  const findings = [...(patient.isPart === true ? [] : fromDefinition(machine)), ...fromHistory(execution)];
  return {
    status: execution?.end.status,
    error: execution?.end.error,
    cause: execution?.end.cause,
    diedIn: execution?.failed?.state,
    findings: findings.sort((left, right) => ORDER.indexOf(left.level) - ORDER.indexOf(right.level)),
    states: execution ? figuresOf(execution.walk.visits) : [],
    largest: execution && largestPartsOf(execution.walk.visits),
    events: execution?.events.length ?? 0,
    loops: execution ? loopsOf(execution.walk, execution.events.length) : [],
    unknown: [...(patient.unknown ?? []), ...unknownOf(patient, execution)],
  };
}

function caseOf(events: readonly HistoryEvent[], machine: Machine | undefined, now: number): Case {
  const walked = walk(events);
  const end = endOf(events);
  const failed = end.status === 'FAILED' ? failedVisit(end, walked) : undefined;
  return { machine, events, walk: walked, end, failed, now };
}

function fromDefinition(machine: Machine | undefined): Diagnosed[] {
  if (!machine) return [];
  return STATIC_RULES.flatMap((rule) => rule.check(machine).map((finding) => diagnosed(rule, finding)));
}

function fromHistory(execution: Case | undefined): Diagnosed[] {
  if (!execution) return [];
  return HISTORY_RULES.flatMap((rule) =>
    onceEach(rule.check(execution)).map((finding) => diagnosed(rule, finding)),
  );
}

const diagnosed = (
  { code, title, level }: Pick<Diagnosed, 'code' | 'title' | 'level'>,
  finding: Finding,
) => ({
  code,
  title,
  level,
  ...finding,
});

/** A loop meets the same thing in each turn: it is told once, with its number. */
function onceEach(findings: readonly Finding[]): readonly Finding[] {
  const alike = Map.groupBy(findings, ({ state, message }) => `${state}\n${message}`);
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    return others.length === 0
      ? [first]
      : [{ ...first, message: `${first.message} (${others.length + 1} times)` }];
  });
}

function figuresOf(visits: readonly Visit[]): readonly StateFigures[] {
  return [...Map.groupBy(visits, ({ state }) => state)].map(([state, all]) => {
    const retries = all.reduce((sum, visit) => sum + Math.max(0, visit.attempts.length - 1), 0);
    const transitions = all.length + retries;
    const attempts = all.flatMap((visit) => visit.attempts);
    return {
      state,
      visits: all.length,
      retries,
      inputBytes: most(all.map(({ input }) => sizeOf(input))),
      argumentBytes: most(attempts.map(({ argument }) => sizeOf(argument))),
      resultBytes: most(attempts.map(({ result }) => sizeOf(result))),
      outputBytes: most(all.map(({ output }) => sizeOf(output))),
      events: all.reduce((sum, visit) => sum + visit.events, 0),
      transitions,
      usd: transitions * PRICES.aws.transition,
    };
  });
}

function most(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((left, right) => Math.max(left, right));
}

function largestPartsOf(visits: readonly Visit[]): Largest | undefined {
  const found = largestOf(visits);
  const value = found && dataOf(found.recorded);
  if (!found || value === undefined) return undefined;
  return { state: found.visit.state, what: found.what, bytes: found.bytes, paths: largestPaths(value) };
}

function unknownOf({ definition, events }: Patient, execution: Case | undefined): readonly string[] {
  const said: string[] = [];
  if (!definition)
    said.push(
      'the definition is not at hand: static rules, catchers and what later states read are left out',
    );
  if (!events || !execution) return [...said, 'no history: sizes, events and cost are left out'];
  const { walk: walked } = execution;
  if (walked.orphans > 0)
    said.push(
      `${walked.orphans} events follow from events that are not here: a page of the history is missing`,
    );
  const hidden = walked.visits.flatMap(({ input, output, attempts }) => [
    input,
    output,
    ...attempts.map(({ result }) => result),
  ]);
  if (hidden.some((each) => each && 'missing' in each && each.missing === 'off'))
    said.push(
      'execution data was not recorded (includeExecutionData is off): sizes and paths cannot be known',
    );
  if (hidden.some((each) => each && 'missing' in each && each.missing === 'truncated'))
    said.push('some execution data was cut off where it was recorded: its size cannot be known');
  if (execution.end.error === 'States.DataLimitExceeded')
    said.push(
      'what was refused is not in the history, so its exact size is worked out only where copies of members make it',
    );
  said.push(
    'cost is that of transitions of a Standard execution; what Lambda and other services cost does not stand in a history',
  );
  return said;
}
