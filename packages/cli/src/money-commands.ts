import { CONFIG, type CommandSpec, DATA_DIR, option } from './command-spec.ts';

/** Commands that say what runs cost. */
export const MONEY: readonly CommandSpec[] = [
  {
    usage: 'cost <workflow-or-run>',
    description:
      'say what a run will cost: from a rehearsal with --input, as a range without; or what one did cost, beside its estimate and its bound',
    options: [
      option('-i, --input <file>', 'the input of the run ("-" reads standard input)'),
      option(
        '--recorded <file>',
        'take tokens and times from a real run: the output of statebag show <run> --history',
      ),
      option('--runs <n>', 'the number of runs').default('1'),
      CONFIG,
      DATA_DIR,
      option('--json', 'print JSON'),
    ],
    notes: `Prices: docs/prices.md, and those of statebag.config.

Example:
  statebag cost examples/agent-loop/workflow.json --input examples/agent-loop/input.json`,
    run: async (workflow, options) => (await import('./commands/cost.ts')).cost(workflow, options),
  },
];
