import { type CommandSpec, option } from './command-spec.ts';

export const BUDGET: CommandSpec = {
  usage: 'budget <file>',
  description:
    'say what a run may come to at most, from its schemas alone: bytes, events, time, calls, money',
  options: [
    option(
      '--schema <node=file>',
      'the JSON Schema of what a node stores, or of the input (input=file); may be given several times',
    ).argParser((text: string, before: readonly string[] = []) => [...before, text]),
    option(
      '--schemas <folder>',
      'of a machine: input.json, and <state>.json for what the task of a state answers',
    ),
    option(
      '--history <file>',
      'of a machine: take what was seen in a past execution as the most; may be given several times',
    ).argParser((text: string, before: readonly string[] = []) => [...before, text]),
    option(
      '--allow-unbounded',
      'exit with 0 where something has no bound, as long as nothing is over its limit',
    ),
    option('--github', 'also print annotations for GitHub Actions, with file and line'),
    option('--json', 'print JSON'),
  ],
  notes: `The file is a workflow, or a definition in Amazon States Language, in JSONPath or JSONata. Nothing runs.
Schemas bound the data; what has no bound is named, with what would give it one. Exit codes: 0 every bound holds, 1 one is over its limit or unbounded, 2 wrong usage: docs/budget.md.

Example:
  statebag budget examples/contract-review/workflow.json
  statebag budget machine.asl.json --schemas schemas`,
  run: async (file, options) => (await import('./commands/budget.ts')).budget(file, options),
};
