import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { innerMachines, type State, type StateMachine, statesOf } from '../asl-lint/definition.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = 'stepfunctions/definitions';

/** `docs/state-machines.md`: every definition drawn from its file, so that a drawing never lies. */
export function machineDrawings(): string {
  const files = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.asl.json'));
  return `# The state machines, drawn

Made from the definitions by \`npm run generate\`. Solid lines are transitions, with the condition where a Choice decides; a dotted line is the way of a caught error, left out where it only ends the run as failed. What each state is for stands in [stepfunctions/README.md](../stepfunctions/README.md).
${files.map(drawing).join('')}`;
}

function drawing(file: string): string {
  const machine: StateMachine & { readonly Comment?: string } = JSON.parse(
    readFileSync(join(ROOT, FOLDER, file), 'utf8'),
  );
  const lines = ['flowchart TD', ...drawn(machine, '  ')];
  return `
## ${file}

${machine.Comment ?? ''} ${statesOf(machine).length} states.

\`\`\`mermaid
${lines.join('\n')}
\`\`\`
`;
}

function drawn(machine: StateMachine, indent: string): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    ...shape(name, state, indent),
    ...transitions(state, machine).map(
      ({ to, label }) => `${indent}${name} -->${label === '' ? '' : `|${label}|`} ${to}`,
    ),
    ...caught(state, machine).map((to) => `${indent}${name} -.-> ${to}`),
  ]);
}

function shape(name: string, state: State, indent: string): string[] {
  const inner = innerMachines(state);
  if (inner.length > 0)
    return [
      `${indent}subgraph ${name}`,
      `${indent}  direction TB`,
      ...inner.flatMap((machine) => drawn(machine, `${indent}  `)),
      `${indent}end`,
    ];
  if (state.Type === 'Choice') return [`${indent}${name}{${name}}`];
  if (state.Type === 'Succeed' || state.Type === 'Fail' || state.End === true)
    return [`${indent}${name}([${name}])`];
  return [`${indent}${name}[${name}]`];
}

interface Transition {
  readonly to: string;
  readonly label: string;
}

function transitions({ Next, Choices = [], Default }: State, machine: StateMachine): Transition[] {
  const plain = Next === undefined ? [] : [{ to: Next, label: '' }];
  const chosen = Choices.map((rule) => ({ to: rule.Next, label: conditionText(rule) }));
  const otherwise =
    Default === undefined || ends(machine.States[Default]) ? [] : [{ to: Default, label: 'else' }];
  return [...plain, ...chosen, ...otherwise];
}

function caught({ Catch = [] }: State, machine: StateMachine): string[] {
  return [...new Set(Catch.map(({ Next }) => Next))].filter((next) => !ends(machine.States[next]));
}

function ends(state: State | undefined): boolean {
  return state?.Type === 'Fail';
}

type Rule = Readonly<Record<string, unknown>>;

/** `COMPLETE or FAILED, with branch_pointer`: short enough for a line. */
function conditionText(rule: Rule): string {
  if (Array.isArray(rule['And'])) return (rule['And'] as Rule[]).map(conditionText).reverse().join(', '); // a rule's members are rules
  if (Array.isArray(rule['Or'])) return (rule['Or'] as Rule[]).map(conditionText).join(' or '); // as above
  const variable = String(rule['Variable'] ?? '').replace(/^\$\$?\./, '');
  if ('IsPresent' in rule) return `${rule['IsPresent'] === true ? 'with' : 'without'} ${variable}`;
  const [, value] = Object.entries(rule).find(([operator]) => /Equals|Than|Matches/.test(operator)) ?? [];
  return variable === 'next_action' ? String(value) : `${variable} ${String(value)}`;
}
