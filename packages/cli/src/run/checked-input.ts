import { isStatebagError, type JsonObject } from '@statebag/contracts';
import { refuseReserved } from '@statebag/state-core/core/first-bag';
import { type CompiledWorkflow, checkInput, type InputProblem } from '@statebag/workflow';
import { UsageError } from '../exit.ts';
import { loadInput } from './load-files.ts';

/**
 * Loads the input of a run, and remarks on what the workflow does not know. @throws UsageError for a field
 * that a run may not begin with, for one that is missing, and for one that does not obey its schema
 */
export async function checkedInput(
  { manifest }: CompiledWorkflow,
  path: string | undefined,
): Promise<JsonObject> {
  const input = await loadInput(path);
  refuseReservedFields(input, path);
  const { problems, remarks } = await checkInput(manifest.input, input, manifest.initial_state);
  const told = (found: readonly InputProblem[]) =>
    found
      .map(({ path: at, message, mend }) => `${path ?? 'input'}: ${at}: ${message}\n  mend: ${mend}`)
      .join('\n');
  if (problems.length > 0) throw new UsageError(told(problems));
  if (remarks.length > 0) process.stderr.write(`${told(remarks)}\n`);
  return input;
}

function refuseReservedFields(input: JsonObject, path = 'input'): void {
  try {
    refuseReserved(input);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new UsageError(
      `${path}: $.${String(error.details['field'])}: ${error.message}\n  mend: rename the field or nest it in another one`,
    );
  }
}
