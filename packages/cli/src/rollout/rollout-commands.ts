import type { Command } from 'commander';

type Finish = (code: number) => void;

const EXAMPLES = `
Settings lie in the SSM parameter /statebag/<stage>/rollout; figures and changes in the table of runs. With --stage on AWS, by the credentials
of the environment; without it on this machine. Exit codes: 0 done, 1 advance did not move (or took v3 back), 2 wrong usage: nothing was changed.

Examples:
  statebag rollout status --stage prod
  statebag rollout set --v3 10 --stage prod
  statebag rollout advance --stage prod
  statebag rollout rollback --stage prod`;

/** `statebag rollout`: each command loads its code when it is called. */
export function addRollout(program: Command, finish: Finish): void {
  const rollout = program.command('rollout').description('shift new runs from the first generation to v3, step by step, and back').exitOverride();
  rollout.addHelpText('after', EXAMPLES);
  const command = (name: string, description: string): Command =>
    rollout
      .command(name)
      .description(description)
      .exitOverride()
      .allowExcessArguments(false)
      .option('--stage <stage>', 'a deployment on AWS; without it the one in --data-dir')
      .option('--table <name>', 'its table of runs, where it is not statebag-runs-<stage>')
      .option('--data-dir <dir>', 'where runs are kept on this machine', '.statebag')
      .option('--json', 'print one JSON object');
  const load = () => import('../commands/rollout.ts');
  command('status', 'both generations side by side since the weight was changed last')
    .option('--sample <n>', 'so many of the newest runs a side tell S3 requests and cost, from their logs', '10')
    .action(async (options) => finish(await (await load()).status(options)));
  command('set', 'change where new runs begin; those that have begun stay where they are')
    .option('--v3 <percent>', 'so many percent of new runs begin on v3')
    .option('--sticky <what>', 'what stays together: "workflow" or "run"')
    .option('--override <workflow=side...>', 'a workflow begins on "v3" or "legacy" whatever the weight; "none" takes that back')
    .option('--kill-switch <state>', '"on": every new run begins on legacy, whatever else is set')
    .action(async (options) => finish(await (await load()).set(options)));
  command('shadow', 'run finished legacy runs again on v3, in the background, and compare')
    .argument('<state>', '"on" or "off"')
    .option('--share <percent>', 'so many percent of them')
    .action(async (state: string, options) => finish(await (await load()).shadow(state, options)));
  command('advance', 'one step (1, 10, 50, 100 %) where errors, times and divergence are inside their limits; else back, saying why').action(async (options) =>
    finish(await (await load()).advance(options)),
  );
  command('promote', 'all new runs on v3 at once: your decision, no limits').action(async (options) => finish(await (await load()).promote(options)));
  command('rollback', 'all new runs on legacy, also those of overrides').action(async (options) => finish(await (await load()).rollback(options)));
}
