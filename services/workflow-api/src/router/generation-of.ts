import type { StartRunBody } from '@statebag/contracts';
import { chooseGeneration, type Starting } from '@statebag/rollout';
import type { Generation } from '@statebag/runs';
import type { StartApi } from '../open-api.ts';

/**
 * Where a start that nobody has recorded yet begins: where the caller wants it, else as the rollout says. The kill switch goes before both.
 * @throws `Rollout.Unreadable`, `Store.Unavailable`
 */
export async function generationOf({ rollout }: Pick<StartApi, 'rollout'>, starting: Starting, wanted: StartRunBody['generation']): Promise<Generation> {
  const settings = await rollout();
  return wanted === undefined || settings.kill_switch ? chooseGeneration(settings, starting) : wanted;
}
