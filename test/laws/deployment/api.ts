import type { JsonObject } from '@statebag/contracts';
import type { Account } from './account.ts';

const RUN_MS = 120_000;

/** The HTTP API that a stage has deployed, asked as somebody with a token asks. */
export interface DeployedApi {
  start(workflow: JsonObject): Promise<string>;
  /** Waits for one of these statuses. @throws where the run ends otherwise, or takes too long */
  until(runId: string, ...statuses: readonly string[]): Promise<JsonObject>;
  approve(runId: string, nodeId: string): Promise<void>;
  /** The number of the version of the machine that a run is on. */
  versionOf(runId: string): Promise<string>;
}

/** @throws where it lets somebody in who has no token */
export async function openDeployedApi(account: Account, stage: string): Promise<DeployedApi> {
  const { cloud, output, token } = account;
  const api = `${cloud.endpoint}/_aws/execute-api/${await output(`statebag-workflow-api-${stage}`, 'HttpApiId')}`;
  const refused = await fetch(`${api}/runs`);
  if (refused.status !== 401) throw new Error(`without a token the API answered ${refused.status}`);
  const headers = { authorization: `Bearer ${await token('alice')}`, 'content-type': 'application/json' };
  const ask = (path: string) => answered(`${api}${path}`, { headers });
  const tell = (path: string, body: JsonObject) =>
    answered(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return {
    start: async (workflow) => {
      const { execution_id } = await tell('/runs', { workflow_id: 'deployed', workflow, input: {} });
      return String(execution_id);
    },
    until: async (runId, ...statuses) => {
      for (const latest = Date.now() + RUN_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
        const run = await ask(`/runs/${runId}`);
        if (statuses.includes(String(run['status']))) return run;
        if (run['status'] !== 'RUNNING' || Date.now() > latest)
          throw new Error(`${runId} is ${JSON.stringify(run)} and was to be ${statuses.join(' or ')}`);
      }
    },
    approve: async (runId, nodeId) => {
      for (const latest = Date.now() + RUN_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
        const { approvals } = await ask(`/runs/${runId}/approvals`);
        if (Array.isArray(approvals) && approvals.length > 0) break;
        if (Date.now() > latest) throw new Error(`${runId} asks nobody`);
      }
      await tell(`/runs/${runId}/approve`, { node_id: nodeId });
    },
    versionOf: async (runId) => {
      const stateMachineArn = `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:statebag-v3-${stage}`;
      const listed = await cloud.states['ListExecutions']?.({ stateMachineArn });
      // as the service answers
      const { executions } = listed as { executions: { name: string; stateMachineVersionArn?: string }[] };
      const execution = executions.find(({ name }) => name === runId);
      return execution?.stateMachineVersionArn?.split(':').at(-1) ?? 'none';
    },
  };
}

async function answered(url: string, init: RequestInit): Promise<JsonObject> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text); // the API answers with an object
}

const GREET = {
  id: 'greet',
  type: 'data_transform',
  config: { transform: "{% 'hello ' & name %}" },
  output_key: 'greeting',
};

/** Ends by itself. */
export const GREETING: JsonObject = { name: 'greeting', initial_state: { name: 'you' }, nodes: [GREET] };

/** Waits for a person first. */
export const ASKING: JsonObject = {
  name: 'asking',
  initial_state: { name: 'you' },
  nodes: [
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Go on?' } },
    GREET,
  ],
};
