import type { Option } from 'commander';
import { CONFIG, type CommandGroup, DATA_DIR, option } from './command-spec.ts';

/** Which deployment a command works on. */
export const DEPLOYMENT_OPTIONS: readonly Option[] = [
  option('--stage <stage>', 'the stage of a deployment on AWS; without it, the deployment in --data-dir'),
  option('--table <name>', 'its table of runs (default: statebag-runs-<stage>)'),
  CONFIG,
  DATA_DIR,
  option('--json', 'print one JSON object'),
];

const loadRollout = () => import('./commands/rollout.ts');

/** `statebag rollout`: its commands, and what its help says of them together. */
export const ROLLOUT: CommandGroup = {
  usage: 'rollout',
  description: 'move new runs from the first generation to v3, step by step, or back',
  notes: `The settings are in the SSM parameter /statebag/<stage>/rollout; figures and changes are in the table of runs.
With --stage the command works on AWS with the credentials of the environment, without it on this machine.
Exit codes: 0 done, 1 advance did not raise the share of v3, 2 wrong usage (nothing was changed).

Examples:
  statebag rollout status --stage prod
  statebag rollout set --v3 10 --stage prod
  statebag rollout advance --stage prod
  statebag rollout rollback --stage prod`,
  commands: [
    {
      usage: 'status',
      description: 'compare the runs of both generations since the share of v3 was last changed',
      options: [
        ...DEPLOYMENT_OPTIONS,
        option(
          '--sample <n>',
          'how many of the newest runs of each generation to read logs of, for S3 requests and cost',
        ).default('10'),
      ],
      run: async (options) => (await loadRollout()).status(options),
    },
    {
      usage: 'set',
      description: 'change where new runs start; runs that have started stay where they are',
      options: [
        ...DEPLOYMENT_OPTIONS,
        option('--v3 <percent>', 'the share of new runs that start on v3'),
        option(
          '--sticky <what>',
          '"workflow": all runs of a workflow start on the same side; "run": each run is decided alone',
        ),
        option(
          '--override <workflow=side...>',
          'start this workflow on "v3" or "legacy" whatever the share is; "none" removes the override',
        ),
        option('--kill-switch <state>', '"on": every new run starts on legacy, whatever else is set'),
      ],
      run: async (options) => (await loadRollout()).set(options),
    },
    {
      usage: 'shadow <state>',
      description:
        '"on": run finished legacy runs again on v3, in the background, and compare; "off": stop doing so',
      options: [...DEPLOYMENT_OPTIONS, option('--share <percent>', 'the share of legacy runs to run again')],
      run: async (state, options) => (await loadRollout()).shadow(state, options),
    },
    {
      usage: 'advance',
      description: 'raise the share of v3 by one step (1, 10, 50, 100 %) if its figures allow it; say why',
      notes: `The figures are errors, times and differences of the runs since the last change. Inside their limits the share
is raised. Outside a limit it is set to 0. With too few runs it stays as it is.`,
      options: DEPLOYMENT_OPTIONS,
      run: async (options) => (await loadRollout()).advance(options),
    },
    {
      usage: 'promote',
      description: 'start all new runs on v3 at once, without checking any limit',
      options: DEPLOYMENT_OPTIONS,
      run: async (options) => (await loadRollout()).promote(options),
    },
    {
      usage: 'rollback',
      description: 'start all new runs on legacy, those with an override to v3 too',
      options: DEPLOYMENT_OPTIONS,
      run: async (options) => (await loadRollout()).rollback(options),
    },
  ],
};
