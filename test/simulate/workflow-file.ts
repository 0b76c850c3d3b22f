import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkWorkflow, loadInput, UsageError } from '@statebag/cli';
import type { JsonObject } from '@statebag/contracts';
import type { ApprovalList, RunDetail } from '@statebag/contracts/schemas/api';
import { rehearse } from '@statebag/cost/rehearse';
import { diagnosticText } from '@statebag/workflow';
import { parse } from 'yaml';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/**
 * A workflow of one's own: it must end as its rehearsal in memory ends, by the same nodes. @throws UsageError
 * where there is no such workflow
 */
export async function ownScenario(path: string, inputPath: string | undefined): Promise<Scenario> {
  const { compiled, diagnostics } = await checkWorkflow(path);
  if (!compiled) throw new UsageError(diagnostics.map(diagnosticText).join('\n'));
  const [input, document] = [await loadInput(inputPath), sentDocument(path)];
  return {
    about: `${path} ends as its rehearsal does`,
    async play(world) {
      const rehearsed = await rehearse(compiled, input);
      const { execution_id } = await world.start(document, { input });
      const run = await endAnswering(world, execution_id);
      equal(
        run.status,
        rehearsed.status,
        `the run ended ${run.status} (${run.error ?? 'no error'}), its rehearsal ${rehearsed.status}`,
      );
      deepEqual(
        await world.nodes(run.execution_id),
        rehearsed.history.filter(({ status }) => status !== 'PAUSED').map(({ node_id }) => node_id),
      );
    },
  };
}

/**
 * The run once it has ended; what it asks meanwhile is decided as the rehearsal decides it, by the first
 * choice.
 */
function endAnswering(world: World, id: string): Promise<RunDetail> {
  return world.until(`run ${id} ends`, async () => {
    const { body: run } = await world.call<RunDetail>(`GET /runs/${id}`);
    if (run.status !== 'RUNNING') return run;
    const { body: asked } = await world.call<ApprovalList>(`GET /runs/${id}/approvals`);
    for (const { approval_id, choices } of asked.approvals.filter(({ state }) => state === 'OPEN'))
      await world.call(`POST /runs/${id}/approve`, {
        body: { approval_id, ...(choices[0] !== undefined && { choice: choices[0] }) },
      });
    return undefined;
  });
}

/** The document as the API takes it: texts that lie beside it are part of it. */
function sentDocument(path: string): JsonObject {
  const written: JsonObject = parse(readFileSync(path, 'utf8')); // YAML holds JSON; it was checked above
  return JSON.parse(JSON.stringify(written), (key, value: unknown) =>
    TEXTS.has(key) && isFile(value) ? readFileSync(join(dirname(path), value.file), 'utf8') : value,
  );
}

/** Settings of nodes that may lie in a file of their own. */
const TEXTS: ReadonlySet<string> = new Set(['prompt', 'system', 'message', 'url', 'until']);

function isFile(value: unknown): value is { readonly file: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'string' &&
    Object.keys(value).length === 1
  );
}
