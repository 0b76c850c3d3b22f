import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkWorkflow, rehearse } from '@statebag/cli';
import type { JsonObject } from '@statebag/contracts';
import type { Scenario } from './scenario.ts';

/** A workflow of one's own: it must end as its rehearsal in memory ends, by the same nodes. */
export async function ownScenario(path: string, inputPath: string | undefined): Promise<Scenario> {
  const { compiled, diagnostics } = await checkWorkflow(path);
  if (!compiled) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const input: JsonObject = inputPath === undefined ? {} : JSON.parse(readFileSync(inputPath, 'utf8'));
  return {
    about: `${path} ends as its rehearsal does`,
    async play(world) {
      const rehearsed = await rehearse(compiled, input);
      const run = await world.played(compiled.workflow, { input });
      equal(run.status, rehearsed.status);
      deepEqual(
        await world.nodes(run.execution_id),
        rehearsed.history.filter(({ status }) => status !== 'PAUSED').map(({ node_id }) => node_id),
      );
    },
  };
}
