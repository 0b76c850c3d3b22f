import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { amountsOfRun, priced } from '@statebag/cost';
import { rehearse } from '@statebag/cost/rehearse';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import type { StepLine } from '@statebag/step-kit';
import { type CompiledWorkflow, compileWorkflow, readWorkflow } from '@statebag/workflow';
import type { Check } from './check.ts';
import { recordedEnd, removeItems, removeObjects } from './leftovers.ts';
import { machineArn, type Target } from './target.ts';

const OWNER = ownerId('verify-deployment');
const KB = 1_024;
/** Where a function's reply grows with the run, and the most it may be. */
const LARGEST_REPLY: Readonly<Record<string, number>> = {
  InitializeStateBag: 250 * KB,
  ExecuteSegment: 200 * KB,
};
const POLL_MS = 200;
const STUCK_MS = 300_000;

/** A state of 3 MB, a list, a way, a model (the mock: nothing is paid for), and a wait. */
const DOCUMENT = {
  name: 'verify-deployment',
  version: '1',
  nodes: [
    {
      id: 'large',
      type: 'data_transform',
      output_key: 'pages',
      config: { transform: `{% [0..29].$pad('page ' & $, 100000, 'x') %}` },
    },
    { id: 'pause', type: 'wait', config: { seconds: 1 } },
    {
      id: 'each',
      type: 'for_each',
      output_key: 'lengths',
      config: {
        items: '{% pages %}',
        body: {
          nodes: [
            {
              id: 'length',
              type: 'data_transform',
              output_key: 'length',
              config: { transform: '{% $length($item) %}' },
            },
          ],
        },
      },
    },
    {
      id: 'ask',
      type: 'llm_chat',
      output_key: 'answer',
      config: {
        provider: 'mock',
        prompt: 'There are {{ $count(lengths) }} pages. Say so in a sentence, please.',
      },
    },
    { id: 'out', type: 'output', config: { fields: ['lengths', 'answer'] } },
  ],
  edges: ['large', 'pause', 'each', 'ask', 'out']
    .slice(1)
    .map((to, index) => ({ from: ['large', 'pause', 'each', 'ask'][index], to })),
};

/** What was seen of the one run that these checks share. */
interface Seen {
  readonly id: string;
  readonly events: readonly HistoryEvent[];
  readonly envelope: Envelope;
}

/**
 * A run from its start to its end, its history against a rehearsal, its sizes, its cost, and that nothing of
 * it stays.
 */
export function endToEndChecks(): readonly Check[] {
  const compiled = compiledDocument();
  let seen: Seen | undefined;
  const theRun = (): Seen => {
    if (!seen) throw new Error('the run did not end');
    return seen;
  };
  return [
    {
      name: 'a run completes',
      async look(target) {
        seen = await runOnce(target, compiled);
        return `${seen.id}: ${seen.events.length} events`;
      },
    },
    {
      name: 'its history is the one of a rehearsal',
      look: async (target) => compareHistory(target, theRun(), compiled),
    },
    ...Object.entries(LARGEST_REPLY).map(([state, most]) => ({
      name: `replies of ${state} stay under ${most / KB} KB`,
      look: async () => largestReply(theRun(), state, most),
    })),
    { name: 'its end is on record', look: async (target) => recordedEnd(target, theRun().id) },
    { name: 'its cost', look: async (target) => costOf(target, theRun()) },
    {
      name: 'nothing of it stays',
      look: async (target) =>
        `${await removeObjects(target, OWNER)} objects and ${await removeItems(target, theRun().id)} items removed`,
    },
  ];
}

function compiledDocument(): CompiledWorkflow {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(DOCUMENT), { file: 'verify-deployment' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return compileWorkflow(workflow);
}

async function runOnce(target: Target, compiled: CompiledWorkflow): Promise<Seen> {
  const { bucket, s3, sfn } = target;
  const id = executionId(`verify-${Date.now().toString(36)}`);
  const { execution_arn: executionArn } = await startRun(
    { starts: sdkStarts(sfn), bucket, store: s3ObjectStore(s3), now: Date.now },
    {
      owner_id: OWNER,
      workflow_id: workflowId('verify'),
      execution_id: id,
      generation: 'v3',
      machine_arn: `${machineArn(target, 'v3')}:live`,
      definition: compiled,
      given: { input: {} },
    },
  );
  const stuckAt = Date.now() + STUCK_MS;
  for (;;) {
    const {
      status,
      output = '{}',
      error,
      cause,
    } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED')
      return { id, events: await historyOf(target, executionArn), envelope: JSON.parse(output) };
    if (status !== 'RUNNING') throw new Error(`${id} ended ${status}: ${error}: ${cause}`);
    if (Date.now() > stuckAt) throw new Error(`${id} is still running after ${STUCK_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function historyOf({ sfn }: Target, executionArn: string): Promise<HistoryEvent[]> {
  const all: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({
        executionArn,
        maxResults: 1_000,
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    all.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return all;
}

async function compareHistory(
  { s3, bucket }: Target,
  { envelope: { state_data } }: Seen,
  compiled: CompiledWorkflow,
): Promise<string> {
  const { hydrator } = openSession(openStore(s3ObjectStore(s3)), { bucket, ...state_data });
  const told = (entries: readonly { node_id: string; status: string }[]) =>
    entries.map(({ node_id, status }) => `${node_id} ${status}`).join(', ');
  const [deployed, local] = [
    told(await hydrator.history(state_data.state_history)),
    told((await rehearse(compiled, {})).history),
  ];
  if (deployed !== local) throw new Error(`deployed: ${deployed}; here: ${local}`);
  return deployed;
}

function largestReply({ events }: Seen, state: string, most: number): string {
  const exits = events.filter(({ stateExitedEventDetails }) => stateExitedEventDetails?.name === state);
  const largest = Math.max(
    0,
    ...exits.map(({ stateExitedEventDetails }) => Buffer.byteLength(stateExitedEventDetails?.output ?? '')),
  );
  if (exits.length === 0) throw new Error('there was none');
  if (largest >= most) throw new Error(`${largest} bytes`);
  return `${(largest / KB).toFixed(1)} KB at most`;
}

/** Functions' own lines come to the logs a little later than the run ends, on AWS. */
async function costOf(target: Target, { id, events }: Seen): Promise<string> {
  const lines = await stepLines(target, id);
  const transitions = events.filter(({ type = '' }) => type.endsWith('StateEntered')).length;
  const lambdaInvocations = events.filter(
    ({ taskScheduledEventDetails }) => taskScheduledEventDetails?.resourceType === 'lambda',
  ).length;
  const amounts = amountsOfRun({ transitions, lambdaInvocations }, lines);
  return `$${priced(amounts).total.toFixed(6)}: ${transitions} transitions, ${lambdaInvocations} calls, ${amounts.s3_puts} puts, ${amounts.s3_gets} gets`;
}

async function stepLines({ logs, stage }: Target, id: string): Promise<StepLine[]> {
  const groups = ['state-data-manager-STAGE-stateDataManager', 'segment-runner-STAGE-executeSegment'];
  const found = await Promise.all(
    groups.map(async (group) => {
      const { events = [] } = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/lambda/statebag-${group.replace('STAGE', stage)}`,
          filterPattern: `"${id}" "statebag"`,
        }),
      );
      // step-kit wrote it: the marker says so
      return events.flatMap(({ message = '' }) =>
        message.includes('"statebag":"step"')
          ? [JSON.parse(message.slice(message.indexOf('{'))) as StepLine]
          : [],
      );
    }),
  );
  return found.flat();
}
