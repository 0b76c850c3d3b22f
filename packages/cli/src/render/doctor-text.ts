import {
  changedLines,
  type Diagnosed,
  type Diagnosis,
  type MachineTrend,
  readMachine,
} from '@statebag/doctor';
import type { Looked } from '../doctor/looked.ts';
import { countText, table } from './amounts.ts';

const bytes = (size: number | undefined): string => (size === undefined ? '?' : size.toLocaleString('en-US'));

/** One execution or definition for a reader: what is wrong, what mends it, and the figures. */
export function diagnosisText(looked: Looked & { readonly diagnosis: Diagnosis }): string {
  const { diagnosis, name, link, startedBy } = looked;
  const { findings } = diagnosis;
  const grave = findings.filter(({ level }) => level !== 'note' || diagnosis.events === 0);
  const parts = [
    ...(startedBy ? [`Started by ${startedBy.state} of ${startedBy.execution}`] : []),
    headText(name, link, diagnosis),
    ...grave.map((finding) => findingText(finding, looked)),
    notesText(findings.filter((finding) => !grave.includes(finding))),
    sizesText(diagnosis),
    eventsText(diagnosis),
    unknownText(diagnosis.unknown, findings.length),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function headText(
  name: string,
  link: string | undefined,
  { status, error, cause, diedIn }: Diagnosis,
): string {
  const ended = [status, error, diedIn && `in ${diedIn}`].filter((part) => part !== undefined && part !== '');
  const lines = [`${name}${ended.length > 0 ? `: ${ended.join(' ')}` : ''}`];
  if (cause !== undefined && cause !== '') lines.push(`  ${cause.slice(0, 300)}`);
  if (link !== undefined) lines.push(`  ${link}`);
  return `${lines.join('\n')}\n`;
}

function findingText(
  { code, level, title, state, message, mends = [] }: Diagnosed,
  { patient }: Looked,
): string {
  const machine = patient.definition && readMachine(patient.definition);
  const place = state === undefined ? '' : ` in ${state}`;
  const told = mends.flatMap((mend, index) => [
    `  ${index === 0 ? 'mend' : mend.joined ? 'and' : 'or'}: ${mend.why}`,
    ...changedLines(mend, machine).map((line) => `    ${line}`),
  ]);
  return [`${level} ${code} ${title}${place}`, `  ${message}`, ...told, ''].join('\n');
}

/** Notes beside an execution: one line for each rule. */
function notesText(findings: readonly Diagnosed[]): string {
  const byCode = Map.groupBy(findings, ({ code }) => code);
  const lines = [...byCode].map(([code, alike]) => {
    const [first] = alike;
    const states = [...new Set(alike.flatMap(({ state }) => state ?? []))];
    const said = alike.length === 1 ? `: ${first?.message}` : '';
    return `note ${code} ${first?.title}${states.length > 0 ? ` (${states.join(', ')})` : ''}${said}`;
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function sizesText({ states, largest }: Diagnosis): string {
  if (states.length === 0) return '';
  const head = [
    'state',
    'visits',
    'retries',
    'input',
    'arguments',
    'result',
    'output',
    'events',
    'transitions',
    'USD',
  ];
  const rows = states.map((each) => [
    each.state,
    String(each.visits),
    String(each.retries),
    ...[each.inputBytes, each.argumentBytes, each.resultBytes, each.outputBytes].map(bytes),
    String(each.events),
    String(each.transitions),
    each.usd.toFixed(6),
  ]);
  const parts = largest?.paths.map(({ path, bytes: size, values }) => [
    `  ${path}`,
    bytes(size),
    countText(values, 'value'),
  ]);
  return [
    'Bytes of data, the most of all visits (262,144 are allowed; ? was not recorded or is not there)',
    table([head, ...rows]),
    '',
    ...(largest && parts
      ? [`Largest: ${largest.what} of ${largest.state}, ${bytes(largest.bytes)} bytes`, table(parts), '']
      : []),
  ].join('\n');
}

function eventsText({ events, loops }: Diagnosis): string {
  if (events === 0) return '';
  const lines = loops.slice(0, 3).map(({ states, map, turns, events: made, mostTurns }) => {
    const who = map === undefined ? states.join(' → ') : `items of ${map} (${states.join(' → ')})`;
    return `  ${who}: ${turns} turns, ${made} events; the history has room for ${mostTurns} turns`;
  });
  return [`Events: ${bytes(events)} of 25,000`, ...lines, ''].join('\n');
}

function unknownText(unknown: readonly string[], found: number): string {
  const nothing = found === 0 ? ['No rule found anything.'] : [];
  return [...nothing, 'Not known:', ...unknown.map((each) => `  ${each}`), ''].join('\n');
}

/** Machines by how close they came to a limit. */
export function trendText(trends: readonly MachineTrend[], more: readonly string[]): string {
  const rows = trends.flatMap(({ machine, executions, failed, closeness }) =>
    closeness.map(({ limit, most, of, share, state, perDay, daysLeft }) => [
      machine.replace(/^.*:/, ''),
      countText(executions, 'execution'),
      `${failed} failed`,
      `${bytes(most)} of ${bytes(of)} ${limit}`,
      `${Math.round(share * 100)} %`,
      state ?? '',
      perDay === undefined ? 'no trend' : `${perDay >= 0 ? '+' : ''}${bytes(Math.round(perDay))} a day`,
      daysLeft === undefined ? '' : `limit in ${Math.ceil(daysLeft)} days`,
    ]),
  );
  const left = more.map((machine) => `There are more executions of ${machine}; --most reads more of them`);
  return ['Closest to a limit first', table(rows), ...left, ''].join('\n');
}
