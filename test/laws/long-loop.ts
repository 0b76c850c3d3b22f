import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import { DeployedTestApp, largestTransition } from '../deployed-app.ts';

/** Model calls that each turn of the loop makes, one a segment. */
const CALLS_PER_TURN = 2;
const LARGEST_TRANSITION = 204_800;

const question = (id: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: `{{ n }}: ${id}?` },
});

/** A loop that makes `segments` segments: far more events than one execution may have. */
function longLoop(segments: number): JsonObject {
  const turns = segments / CALLS_PER_TURN;
  const count: JsonObject = {
    id: 'count',
    type: 'data_transform',
    output_key: 'n',
    config: { transform: '{% n + 1 %}' },
  };
  const body = { nodes: [question('first'), question('second'), count] };
  return {
    name: 'long-loop',
    initial_state: { n: 0 },
    options: { llm_per_segment: 1 },
    nodes: [
      { id: 'again', type: 'loop', config: { max_iterations: turns, until: `{% n = ${turns} %}`, body } },
    ],
  };
}

/** Law: the run of a long loop is a chain of executions that a caller sees as one. */
export async function prove({ count }: { count: number }): Promise<string> {
  const segments = Math.max(CALLS_PER_TURN, count - (count % CALLS_PER_TURN));
  const app = await DeployedTestApp.open();
  try {
    const run = await app.run(longLoop(segments));
    if (run.status !== 'SUCCEEDED') throw new Error(`${run.status} ${run.error}: ${run.cause}`);
    const { n } = await app.state(run);
    if (n !== segments / CALLS_PER_TURN)
      throw new Error(`the loop counted to ${n}, not to ${segments / CALLS_PER_TURN}`);
    return `${segments} segments in ${await chainOf(app, run.executionArn)}`;
  } finally {
    await app.close();
  }
}

/** Follows the continuations: how many executions, and the largest transition of any. */
async function chainOf(app: DeployedTestApp, first: string): Promise<string> {
  let executions = 0;
  let largest = 0;
  for (let next: string | undefined = first; next !== undefined; executions += 1) {
    const { status } = await app.sfn.send(new DescribeExecutionCommand({ executionArn: next }));
    if (status !== 'SUCCEEDED') throw new Error(`${next} is ${status}`);
    const events = await app.history(next);
    largest = Math.max(largest, largestTransition(events));
    const submitted = events.find(
      ({ taskSubmittedEventDetails }) => taskSubmittedEventDetails?.resourceType === 'states',
    );
    next = submitted && JSON.parse(submitted.taskSubmittedEventDetails?.output ?? '{}').ExecutionArn;
  }
  if (largest > LARGEST_TRANSITION) throw new Error(`a transition of ${largest} bytes`);
  return `${executions} executions, largest transition ${largest} bytes`;
}
