import { type CompiledWorkflow, renderMermaid, renderPlan } from '@statebag/workflow';
import { EXIT } from '../exit.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

/** `statebag plan`: the segments of a workflow, without running it. */
export async function plan(
  path: string,
  { mermaid = false, json = false }: { mermaid?: boolean; json?: boolean },
): Promise<number> {
  const compiled = await loadWorkflow(path);
  process.stdout.write(`${textOf(compiled, { mermaid, json }).trimEnd()}\n`);
  return EXIT.succeeded;
}

function textOf(compiled: CompiledWorkflow, { mermaid, json }: { mermaid: boolean; json: boolean }): string {
  if (json) return JSON.stringify(compiled.manifest, null, 2);
  return mermaid ? renderMermaid(compiled) : renderPlan(compiled);
}
