import { type CommandSpec, option } from './command-spec.ts';

export const BUDGET: CommandSpec = {
  usage: 'budget <workflow>',
  description:
    'say what a run may come to at most, from its schemas alone: bytes, events, time, calls, money',
  options: [
    option(
      '--schema <node=file>',
      'the JSON Schema of what a node stores, or of the input (input=file); may be given several times',
    ).argParser((text: string, before: readonly string[] = []) => [...before, text]),
    option(
      '--allow-unbounded',
      'exit with 0 where something has no bound, as long as nothing is over its limit',
    ),
    option('--github', 'also print annotations for GitHub Actions, with file and line'),
    option('--json', 'print JSON'),
  ],
  notes: `Nothing runs. Schemas of input nodes and response_schema bound the data; what has no bound is named with what
would give it one. Exit codes: 0 every bound holds, 1 one is over its limit or unbounded, 2 wrong usage: docs/budget.md.

Example:
  statebag budget examples/contract-review/workflow.json`,
  run: async (workflow, options) => (await import('./commands/budget.ts')).budget(workflow, options),
};
