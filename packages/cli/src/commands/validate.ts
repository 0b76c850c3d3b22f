import { EXIT } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { diagnosticLines } from '../render/diagnostics.ts';
import { checkWorkflow } from '../run/load-workflow.ts';

/** `statebag validate`: every problem of every file, not the first only. */
export async function validate(paths: readonly string[], { json = false }: { json?: boolean }): Promise<number> {
  const checked = await Promise.all(paths.map(async (file) => ({ file, ...(await checkWorkflow(file)) })));
  const valid = checked.every(({ compiled }) => compiled !== null);
  if (json) process.stdout.write(`${JSON.stringify({ valid, diagnostics: checked.flatMap(({ diagnostics }) => diagnostics) }, null, 2)}\n`);
  else
    for (const { file, compiled, diagnostics } of checked) {
      if (diagnostics.length > 0) process.stderr.write(`${diagnosticLines(diagnostics)}\n`);
      if (compiled)
        process.stdout.write(
          `${file}: valid; ${countText(compiled.manifest.segments.flatMap(({ nodes }) => nodes).length, 'node')} in ${countText(compiled.manifest.total_segments, 'segment')}\n`,
        );
    }
  return valid ? EXIT.succeeded : EXIT.usage;
}
