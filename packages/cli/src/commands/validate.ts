import { everyNode } from '@statebag/workflow';
import { EXIT } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { diagnosticLines } from '../render/diagnostics.ts';
import { type CheckedWorkflow, checkWorkflow } from '../run/load-workflow.ts';

/** `statebag validate`: prints every problem of every file, not only the first one. */
export async function validate(
  paths: readonly string[],
  { json = false }: { json?: boolean },
): Promise<number> {
  const checked = await Promise.all(paths.map(async (file) => ({ file, ...(await checkWorkflow(file)) })));
  const valid = checked.every(({ compiled }) => compiled !== null);
  if (json) {
    const diagnostics = checked.flatMap((each) => each.diagnostics);
    process.stdout.write(`${JSON.stringify({ valid, diagnostics }, null, 2)}\n`);
  } else for (const each of checked) printOne(each);
  return valid ? EXIT.succeeded : EXIT.usage;
}

function printOne({ file, compiled, diagnostics }: CheckedWorkflow & { readonly file: string }): void {
  if (diagnostics.length > 0) process.stderr.write(`${diagnosticLines(diagnostics)}\n`);
  if (!compiled) return;
  const { workflow, manifest } = compiled;
  const nodes = countText(everyNode(workflow).length, 'node');
  const size = `${nodes} in ${countText(manifest.total_segments, 'segment')}`;
  process.stdout.write(`${file}: valid; ${size}\n`);
}
