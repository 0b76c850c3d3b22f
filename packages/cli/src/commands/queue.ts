import { changeRollout, readSettings } from '@statebag/rollout';
import { depthOf, startsPerSecond, whatWaits } from '@statebag/runs/queue';
import { EXIT } from '../exit.ts';
import { type QueueSetOptions, wantedStarts } from '../queue/wanted-starts.ts';
import { queueText } from '../render/queue-text.ts';
import { changeText } from '../render/rollout-text.ts';
import { type RolloutOptions, withRollout } from '../rollout/open-rollout.ts';

/** `statebag queue status`. */
export function status(options: RolloutOptions): Promise<number> {
  return withRollout(options, async ({ ssm, parameter, runs, stage, now }) => {
    const { starts } = await readSettings(ssm, parameter);
    const owners = await whatWaits(runs, starts);
    const report = { stage, per_second: startsPerSecond(starts), ...depthOf(owners, now()), owners };
    print(options, report, queueText(report, now()));
    return EXIT.succeeded;
  });
}

/** `statebag queue set`. */
export function set(options: RolloutOptions & QueueSetOptions): Promise<number> {
  return withRollout(options, async (rollout) => {
    const from = await readSettings(rollout.ssm, rollout.parameter);
    const to = wantedStarts(from, options);
    const changed = await changeRollout(rollout, { what: 'queue set', from, to });
    print(options, changed, changeText(changed));
    return EXIT.succeeded;
  });
}

function print({ json = false }: RolloutOptions, value: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : text);
}
