import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StateMachine, statesOf } from '../asl-lint/definition.ts';
import { LEGACY_DISTRIBUTED_FLOW } from '../asl-lint/legacy.ts';
import { lintDistributedMachine, lintLegacyMachine, lintStateMachine } from '../asl-lint/lint.ts';
import type { Findings } from './check.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'stepfunctions', 'definitions');
const MOST_STATES = 43;
/** The machines of the first generation had this many. */
const MOST_LEGACY_STATES = 63;

/** The rules every state machine definition keeps. */
export function checkStateMachines(): Findings {
  const machines = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.asl.json'))
    .map((file) => ({ file, machine: parse(file) }));
  const problems = machines.flatMap(({ file, machine }) =>
    [
      ...lintOf(file)(machine),
      ...tooMany(machine, file.startsWith('legacy') ? MOST_LEGACY_STATES : MOST_STATES),
    ].map((problem) => `${file} ${problem}`),
  );
  return {
    problems,
    report: machines.map(({ file, machine }) => `${file} ${statesOf(machine).length} states`).join(', '),
  };
}

/** Each generation has its own data. */
function lintOf(file: string): (machine: StateMachine) => string[] {
  if (file.startsWith('legacy-distributed'))
    return (machine) => lintLegacyMachine(machine, LEGACY_DISTRIBUTED_FLOW);
  if (file.startsWith('legacy')) return lintLegacyMachine;
  return file.startsWith('v3-distributed') ? lintDistributedMachine : lintStateMachine;
}

function parse(file: string): StateMachine {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
}

function tooMany(machine: StateMachine, most: number): string[] {
  const count = statesOf(machine).length;
  return count > most ? [`has ${count} states; at most ${most}`] : [];
}
