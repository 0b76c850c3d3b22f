import { resolve } from 'node:path';
import { workflowSchema } from '@statebag/workflow';
import { EXIT } from '../exit.ts';
import { loadedNodes } from '../run/load-workflow.ts';

/** `statebag schema`: what editors complete and check workflows with. */
export async function schema(folder: string | undefined, { nodes }: { nodes?: string }): Promise<number> {
  const named = folder === undefined ? nodes : resolve(folder);
  const own = named === undefined ? new Map() : await loadedNodes(named);
  process.stdout.write(`${JSON.stringify(workflowSchema(own), null, 1)}\n`);
  return EXIT.succeeded;
}
