import type { Envelope, InitEvent } from '@statebag/contracts';
import { validateInitEvent } from '@statebag/contracts/validators';
import { type Beginning, loadManifest, type MergePlan, planFirstBag } from '@statebag/state-core';
import { type Step, sealPlanned } from '@statebag/step-kit';
import { loadInput } from './load-input.ts';

type Read = Pick<Beginning, 'manifest' | 'input'>;

/** The first bag of a run: its input over the workflow's initial state. Uploads are read here and nowhere later. */
export const initializeStateData: Step<InitEvent, Read, MergePlan, Envelope> = {
  event: validateInitEvent,
  reader: ({ start: { owner_id, execution_id, definition_id } }) => ({ owner_id, execution_id, definition_id, uploads: true }),
  facts: ({ action, start: { execution_id } }) => ({ execution_id, action, segment_id: null, branch_path: '', loop_counter: 0 }),
  now: ({ now }) => now,
  async reads({ start }, { session, plan }) {
    const definition = { bucket: plan.location.bucket, owner_id: start.owner_id, definition_id: start.definition_id };
    const [manifest, input] = await Promise.all([loadManifest(definition, session), loadInput(start, { session, location: plan.location })]);
    return { manifest, input };
  },
  run: ({ start }, read, { plan }) => planFirstBag({ start, ...read }, plan),
  finish: ({ start, machine_arn }, planned, tools) => sealPlanned({ machine_arn: start.machine_arn ?? machine_arn }, planned, tools),
};
