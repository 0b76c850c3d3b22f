import { type ModuleCheck, moduleCheck, shapedError } from '@statebag/step-kit';
import { recordStatusChange } from './record-status-change.ts';
import { openRecorder } from './recorder.ts';
import { statusChangeOf } from './status-change.ts';

const recorder = openRecorder(process.env);

/** Lambda repeats a failed invocation under the same request id. */
export async function handler(
  event: unknown,
  context: { readonly awsRequestId: string },
): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  try {
    await recordStatusChange(recorder, statusChangeOf(event), {
      invocation: context.awsRequestId,
      now: Date.now(),
    });
    return undefined;
  } catch (error) {
    throw shapedError(error);
  }
}
