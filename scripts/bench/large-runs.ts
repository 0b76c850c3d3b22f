import type { CallPage, HistoryPage, RunDefinition, RunTrace } from '@statebag/contracts/schemas/api';

/**
 * Answers of the API about runs that are as large as runs get, made up: what the page does with them is
 * measured.
 */
export interface LargeRun {
  readonly trace: RunTrace;
  readonly definition: RunDefinition;
  readonly history: readonly HistoryPage['entries'][number][];
  readonly calls: CallPage['calls'];
}

const BEGAN = Date.UTC(2026, 2, 1, 8);
const at = (millis: number) => new Date(BEGAN + millis).toISOString();

/** A loop of ten nodes, each in a segment of its own, as often as it takes for so many segments. */
export function manySegments(segments: number): LargeRun {
  const nodes = Array.from({ length: 10 }, (_, n) => transform(`step-${n}`));
  const body = { nodes, edges: chainOf(nodes) };
  const loop = { id: 'repeat', type: 'loop', output_key: null, config: { body, max_iterations: segments } };
  const steps = Array.from({ length: segments }, (_, n) => ({
    segment: `s${String((n % 10) + 1).padStart(2, '0')}`,
    node: `step-${n % 10}`,
    from: n * 100,
  }));
  return run({ nodes: [loop] }, steps);
}

/** Nodes in rows of ten, each joined to two of the next row. */
export function manyNodes(count: number): LargeRun {
  const nodes = Array.from({ length: count }, (_, n) => transform(`node-${n}`));
  const edges = nodes.flatMap(({ id: from }, n) =>
    [n + 10, n + 11].filter((to) => to < count).map((to) => ({ from, to: `node-${to}` })),
  );
  const steps = nodes.map(({ id: node }, n) => ({ segment: `s${(n % 50) + 1}`, node, from: n * 100 }));
  return run({ nodes, edges }, steps);
}

/** A list, some of whose items failed. */
export function manyItems(items: number): LargeRun {
  const ask = { id: 'ask', type: 'llm_chat', output_key: 'answer', config: { prompt: '{{ $item }}' } };
  const config = { items: '{% inbox %}', distributed: 'map_reduce', body: { nodes: [ask] } };
  const list = { id: 'list', type: 'for_each', output_key: 'all', config };
  const large = run({ nodes: [list] }, [{ segment: 's01', node: 'list', from: 0 }]);
  const failed = Array.from({ length: 12 }, (_, n) => n * 777);
  const fared = { total: items, begun: items, failed: failed.length, first_failed: failed };
  return {
    ...large,
    history: large.history.map((entry) => ({ ...entry, type: 'for_each', items: fared })),
    calls: Array.from({ length: items }, (_, n) => callOf(n)),
  };
}

interface Step {
  readonly segment: string;
  readonly node: string;
  /** Milliseconds after the run began. */
  readonly from: number;
}

function transform(id: string) {
  return { id, type: 'data_transform', output_key: id, config: { transform: '{% 1 %}' } };
}

function chainOf(nodes: readonly { readonly id: string }[]) {
  return nodes.slice(1).map(({ id: to }, n) => ({ from: nodes[n]?.id ?? '', to }));
}

const ID = 'large-run';

function run(workflow: object, steps: readonly Step[]): LargeRun {
  const segments = [...new Set(steps.map(({ segment }) => segment))];
  // made up in the form that the schemas of the API have
  return {
    trace: traceOf(steps),
    definition: {
      workflow,
      manifest: {
        name: 'large',
        version: '1',
        total_segments: segments.length,
        segments: segments.map((segment_id) => ({
          segment_id,
          nodes: steps.filter(({ segment }) => segment === segment_id).map(({ node }) => node),
        })),
      },
    },
    history: steps.map(({ segment, node, from }, n) => ({
      id: `h${n}`,
      segment_id: segment,
      node_id: node,
      type: 'data_transform',
      status: 'SUCCEEDED',
      started_at: at(from + 10),
      ended_at: at(from + 60),
      attempt: 1,
    })),
    calls: [],
  } as unknown as LargeRun;
}

function traceOf(steps: readonly Step[]): unknown {
  const states = steps.flatMap(({ segment, from }, n) => [
    state('ExecuteSegment', 'Task', { event: n * 7 + 1, from, to: from + 80, segment }),
    state('EvaluateNextAction', 'Choice', {
      event: n * 7 + 5,
      from: from + 80,
      to: from + 82,
      segment: null,
    }),
  ]);
  const end = at((steps.at(-1)?.from ?? 0) + 100);
  return {
    run: {
      execution_id: ID,
      workflow_id: 'large',
      definition_id: 'd'.repeat(64),
      generation: 'v3',
      status: 'SUCCEEDED',
      started_at: at(0),
      ended_at: end,
      error: null,
      cause: null,
      resumes: 0,
    },
    usage: null,
    executions: [
      {
        name: ID,
        parent: null,
        events: steps.length * 7,
        states,
        end: { status: 'SUCCEEDED', at: end, error: null, cause: null },
      },
    ],
    next: null,
  };
}

interface Entered {
  readonly event: number;
  readonly from: number;
  readonly to: number;
  readonly segment: string | null;
}

function state(name: string, kind: string, { event, from, to, segment }: Entered) {
  const bytes = 10_000 + ((event * 37) % 80_000);
  return {
    event,
    state: name,
    kind,
    entered_at: at(from),
    exited_at: at(to),
    exit_event: event + 3,
    bytes_in: bytes,
    bytes_out: bytes,
    segment_id: segment,
    sealed: segment !== null,
    failures: [],
    children: [],
  };
}

function callOf(item: number) {
  return {
    key: item.toString(16).padStart(64, '0'),
    node_id: 'ask',
    place: { branch_path: '', loop: '', item: String(item) },
    status: 'ANSWERED',
    at: at(10),
    asked: { provider: 'mock', model: 'default', prompt: `What is ${item}?` },
    asked_bytes: 80,
    usage: { llm_calls: 1, input_tokens: 9, output_tokens: 9, cost_nano_usd: 900 },
    result: { answer: `It is ${item}.` },
    result_bytes: 30,
    error: null,
    message: null,
  } as unknown as CallPage['calls'][number];
}
