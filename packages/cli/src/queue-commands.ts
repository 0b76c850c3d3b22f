import { START_QUEUE } from '@statebag/contracts/limits';
import { type CommandGroup, option } from './command-spec.ts';
import { DEPLOYMENT_OPTIONS } from './rollout-commands.ts';

const loadQueue = () => import('./commands/queue.ts');

/** `statebag queue`: its commands, and what its help says of them together. */
export const QUEUE: CommandGroup = {
  usage: 'queue',
  description: 'show the runs that wait to begin, and change how many may begin or be open',
  notes: `A start that the account or the owner's limit forbids for now is accepted and waits. The settings are in the SSM
parameter /statebag/<stage>/rollout; changes are recorded like those of the rollout.
With --stage the command works on AWS with the credentials of the environment, without it on this machine.

Examples:
  statebag queue status --stage prod
  statebag queue set --open-runs 20 --stage prod
  statebag queue set --owner acme --open-runs 100 --priority 2 --stage prod`,
  commands: [
    {
      usage: 'status',
      description: 'show what waits, by owner, whose turn is next first',
      options: DEPLOYMENT_OPTIONS,
      run: async (options) => (await loadQueue()).status(options),
    },
    {
      usage: 'set',
      description: 'change a limit; runs that have begun stay open',
      options: [
        ...DEPLOYMENT_OPTIONS,
        option('--owner <id>', 'only for this owner: with --open-runs and --priority'),
        option(
          '--open-runs <n>',
          `runs of an owner that are open at once, at most ${START_QUEUE.mostOpenRuns}; "none" removes the limit`,
        ),
        option(
          '--priority <n>',
          `0 to ${START_QUEUE.mostPriority}: each step counts as a minute of waiting; needs --owner`,
        ),
        option('--waiting <n>', 'runs of an owner that may wait; further starts are refused'),
        option('--per-second <n>', 'waiting runs that begin in a second, of all owners together'),
      ],
      run: async (options) => (await loadQueue()).set(options),
    },
  ],
};
