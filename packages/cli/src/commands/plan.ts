import { renderMermaid, renderPlan } from '@statebag/workflow';
import { EXIT } from '../exit.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

/** `statebag plan`: how a workflow will be run, before it is. */
export async function plan(path: string, { mermaid = false, json = false }: { mermaid?: boolean; json?: boolean }): Promise<number> {
  const compiled = await loadWorkflow(path);
  const text = json ? JSON.stringify(compiled.manifest, null, 2) : mermaid ? renderMermaid(compiled) : renderPlan(compiled);
  process.stdout.write(`${text.trimEnd()}\n`);
  return EXIT.succeeded;
}
