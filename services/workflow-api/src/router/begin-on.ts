import type { DefinitionId, JsonObject } from '@statebag/contracts';
import { SCHEMA_VERSION } from '@statebag/contracts';
import type { Generation, NewRun } from '@statebag/runs';
import type { Api } from '../open-api.ts';
import type { GivenInput } from '../start-run/given-input.ts';
import { legacyDefinition } from './legacy-definition.ts';

/** What the machines of a generation are started with, and where. */
interface Side {
  readonly machine: (api: Api) => string;
  readonly start: (api: Api, run: NewRun, input: GivenInput) => Promise<JsonObject>;
}

/** The record of a run names the definition for v3 on both sides: whoever reads the run later reads one and the same document. */
export const SIDES: Readonly<Record<Generation, Side>> = {
  v3: {
    machine: ({ v3MachineArn }) => v3MachineArn,
    start: async (_api, { idempotency_key, machine_arn, definition_id, ...run }, input) => {
      const key = idempotency_key === undefined ? {} : { idempotency_key };
      return { schema_version: SCHEMA_VERSION, ...ids(run, definition_id), ...key, machine_arn, ...input };
    },
  },
  legacy: {
    machine: ({ legacyMachineArn }) => legacyMachineArn,
    // Its own key counts for all workflows of an owner, the API's for one: the run's id stands for it, which is its default.
    start: async (api, run, input) => ({ ...ids(run, await legacyDefinition(api, run)), ...input }),
  },
};

function ids({ owner_id, workflow_id, execution_id }: Pick<NewRun, 'owner_id' | 'workflow_id' | 'execution_id'>, definition_id: DefinitionId) {
  return { owner_id, workflow_id, definition_id, execution_id };
}
