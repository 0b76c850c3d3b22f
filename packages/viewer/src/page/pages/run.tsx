import { forkedFrom } from '@statebag/contracts/fork-lineage';
import { BUDGET } from '@statebag/contracts/limits';
import type { RunDefinition } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { go, useAddress, withQuery } from '../address.ts';
import { bytesText, countText, durationText, moneyText, percentText } from '../format.ts';
import { graphOfWorkflow } from '../graph/graph-of-workflow.ts';
import { GraphView } from '../graph/graph-view.tsx';
import { useKeys } from '../keys.tsx';
import { useLive } from '../live.ts';
import { Ago, Broken, Command, Skeleton, useNow } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Status } from '../parts/status.tsx';
import { commandLine, usePlace } from '../place.ts';
import { CancelButton } from '../run/actions.tsx';
import { BytesChart, LargestFields } from '../run/bytes-chart.tsx';
import { DiffTab } from '../run/diff-tab.tsx';
import { ForkTab } from '../run/fork-tab.tsx';
import { HistoryTab } from '../run/history-tab.tsx';
import { moneyBound } from '../run/money-bound.ts';
import { PANEL_TABS, Panel } from '../run/panel.tsx';
import { type RunData, readDefinition, readRun } from '../run/run-data.ts';
import { modelOf, type RunModel } from '../run/run-model.ts';
import { readState } from '../run/state-fields.ts';
import { StateTab } from '../run/state-view.tsx';
import { Timeline } from '../run/timeline.tsx';
import { timelineRows } from '../run/timeline-rows.ts';
import { isNear, largestOf, type Transition, transitionsOf } from '../run/transitions.ts';
import { WhyTab } from '../run/why-tab.tsx';
import { useAsked } from '../use-asked.ts';

/** One run: why it failed, its graph with the timeline and the bytes, its state, its history. */
export function RunPage({ run }: { readonly address: URL; readonly run: string }): JSX.Element {
  const told = useLive(`?run=${encodeURIComponent(run)}`);
  // read at once, and again when the server tells of another version than was read
  const [version, setVersion] = useState('');
  const found = useAsked(`run ${run}`, () => readRun(run), version);
  const read = found.value?.version ?? (found.error ? '' : told);
  useEffect(() => {
    if (told !== '' && told !== read) setVersion(told);
  }, [told, read]);
  const definition = useAsked(`definition ${run}`, () => readDefinition(run));
  // the last bag says at which node a run failed
  const status = found.value?.run.status;
  const isFailed = status !== undefined && status !== 'RUNNING' && status !== 'SUCCEEDED';
  const failed = useAsked(isFailed ? `failed ${run} ${status}` : null, () => readState(run, null), version);
  if (found.error)
    return (
      <div class="card">
        <Broken what={`${run} cannot be shown`} error={found.error} again={found.again} />
      </div>
    );
  // why it failed is not told in two halves
  const pending = isFailed && !failed.value && !failed.error;
  if (!found.value || (!definition.value && !definition.error) || pending)
    return <div class="card">{(found.slow || definition.slow) && <Skeleton rows={12} />}</div>;
  return (
    <RunShown
      data={found.value}
      definition={definition.value ?? NO_DEFINITION}
      failedNode={failed.value?.failed_segments[0]?.node_id ?? null}
      version={version}
    />
  );
}

/** A run of which the definition is gone still has its timeline and its bytes. */
const NO_DEFINITION: RunDefinition = {
  workflow: {},
  manifest: {
    schema_version: 1,
    definition_id: '' as RunDefinition['manifest']['definition_id'],
    compiler_version: '',
    name: '',
    version: '',
    first_segment: '' as RunDefinition['manifest']['first_segment'],
    segments: [],
    total_segments: 0,
    max_loop_iterations: 0,
    max_branch_iterations: 0,
    max_concurrency: 0,
    output_fields: null,
    initial_state: {},
  },
};

interface Shown {
  readonly data: RunData;
  readonly definition: RunDefinition;
  readonly failedNode: string | null;
  readonly version: string;
}

function RunShown({ data, definition, failedNode, version }: Shown): JSX.Element {
  const address = useAddress();
  const place = usePlace();
  const { held } = place;
  const running = data.run.status === 'RUNNING';
  const now = useNow(running ? 1_000 : 20_000);
  const scope = useMemo(() => graphOfWorkflow(definition.workflow), [definition]);
  const model = useMemo(
    () => modelOf({ data, scope, segments: definition.manifest.segments, held, failedNode }),
    [data, scope, held, failedNode],
  );
  const transitions = useMemo(() => transitionsOf(data.executions), [data]);
  const failed = model.standing === 'fail' || data.run.status === 'ABORTED';
  const asked = address.pathname.split('/')[3] ?? '';
  const parent = forkedFrom(data.run.execution_id);
  const others = ['fork', ...(parent === null ? [] : ['diff'])];
  const tab = ['why', 'graph', 'state', 'history', ...others].includes(asked)
    ? asked
    : failed
      ? 'why'
      : 'graph';
  useEffect(() => {
    const done = model.nodes.filter(({ entries }) => entries.length > 0).length;
    const progress = running ? ` ${done}/${model.nodes.length}` : '';
    document.title = `${data.run.status.toLowerCase()}${progress} · ${data.run.execution_id}`;
  }, [model]);
  return (
    <>
      <Head {...{ data, definition, model, transitions, now, tab, failed }} />
      {model.standing === 'lost' && (
        <div class="note lost" role="status">
          <Icon name="lost" />
          <span>
            <b>Nobody works on this run.</b> It stands still until a process holds its data directory.
          </span>
          <span class="grow" />
          <Command text={commandLine(place, ['resume', data.run.execution_id])} />
        </div>
      )}
      {tab === 'why' && <WhyTab {...{ data, definition, model, transitions, now }} />}
      {tab === 'state' && (
        <StateTab address={address} run={data.run.execution_id} transitions={transitions} version={version} />
      )}
      {tab === 'history' && <HistoryTab data={data} now={now} />}
      {tab === 'fork' && <ForkTab run={data.run.execution_id} definition={definition} />}
      {tab === 'diff' && parent !== null && (
        <DiffTab run={data.run.execution_id} parent={parent} version={version} />
      )}
      {tab === 'graph' && (
        <Workspace {...{ address, data, definition, model, transitions, scope, now, running }} />
      )}
    </>
  );
}

function Head({
  data: { run, usage },
  definition,
  model,
  transitions,
  now,
  tab,
  failed,
}: Pick<Shown, 'data' | 'definition'> & {
  readonly model: RunModel;
  readonly transitions: readonly Transition[];
  readonly now: number;
  readonly tab: string;
  readonly failed: boolean;
}): JSX.Element {
  const base = `/runs/${encodeURIComponent(run.execution_id)}`;
  const tabs = [
    ...(failed ? [['why', 'Why it failed']] : []),
    ['graph', 'Graph and timeline'],
    ['state', 'State'],
    ['history', 'History'],
    ...(forkedFrom(run.execution_id) === null ? [] : [['diff', 'Beside its run']]),
    ...(tab === 'fork' ? [['fork', 'Fork']] : []),
  ];
  return (
    <div class="rh">
      <div class="r1">
        <span class="crumb">
          <a href="/runs">Runs</a> /{' '}
          <a href={`/workflows?id=${encodeURIComponent(run.workflow_id)}`}>{run.workflow_id}</a>
          {definition.manifest.version !== '' && <span> {definition.manifest.version}</span>} /
        </span>
        <h1>{run.execution_id}</h1>
        <Status standing={model.standing} pill word={run.status === 'TIMED_OUT' ? 'Timed out' : undefined} />
        <span class="grow" />
        {run.generation === 'v3' && (
          <a class="btn" href={`${base}/fork`}>
            Fork
          </a>
        )}
        {run.status === 'RUNNING' && <CancelButton run={run.execution_id} />}
      </div>
      <Facts {...{ run, usage, model, transitions, now, definition }} />
      <nav class="tabs" aria-label="Run">
        {tabs.map(([name, text]) => (
          <a key={name} href={`${base}/${name}`} aria-current={tab === name ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
    </div>
  );
}

function Facts({
  run,
  usage,
  model,
  transitions,
  now,
  definition,
}: Pick<RunData, 'run' | 'usage'> & {
  readonly definition: RunDefinition;
  readonly model: RunModel;
  readonly transitions: readonly Transition[];
  readonly now: number;
}): JSX.Element {
  const most = moneyBound(definition.workflow);
  const worked = model.segments.reduce(
    (sum, { entered_at, exited_at }) =>
      sum + (exited_at === null ? now : Date.parse(exited_at)) - Date.parse(entered_at),
    0,
  );
  const whole = (run.ended_at === null ? now : Date.parse(run.ended_at)) - Date.parse(run.started_at);
  const largest = largestOf(transitions);
  const done = model.segments.filter(({ exited_at }) => exited_at !== null).length;
  const near = transitions.some(isNear);
  return (
    <dl class="facts">
      <div>
        <dt>{run.ended_at === null ? 'Started' : 'Ended'}</dt>
        <dd>
          <Ago time={run.ended_at ?? run.started_at} now={now} />
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{durationText(whole)}</dd>
      </div>
      <div>
        <dt>Worked</dt>
        <dd>{durationText(worked)}</dd>
      </div>
      <div>
        <dt>Segments</dt>
        <dd>
          {countText(done)} <small>of {countText(definition.manifest.total_segments)} in the plan</small>
        </dd>
      </div>
      {usage && usage.llm_calls > 0 && (
        <div>
          <dt>Model calls</dt>
          <dd>{countText(usage.llm_calls)}</dd>
        </div>
      )}
      {usage && (
        <div>
          <dt>Cost</dt>
          <dd>
            {moneyText(usage.cost_nano_usd)} {most !== null && <small>of {moneyText(most)} at most</small>}
          </dd>
        </div>
      )}
      <div>
        <dt>Largest transition</dt>
        <dd>
          {near ? (
            <span class="st wait">
              <Icon name="warn" />
              {bytesText(largest)}
            </span>
          ) : (
            bytesText(largest)
          )}{' '}
          <small>{percentText(largest / BUDGET.bag)} of the budget</small>
        </dd>
      </div>
      {run.resumes > 0 && (
        <div>
          <dt>Resumed</dt>
          <dd>{countText(run.resumes)} ×</dd>
        </div>
      )}
    </dl>
  );
}

const VIEWS = [
  ['graph', 'Graph'],
  ['time', 'Timeline'],
  ['bytes', 'Bytes'],
  ['node', 'Node'],
] as const;

/** Graph, timeline, bytes and panel: four views of one thing, with one selection. */
function Workspace({
  address,
  data,
  definition,
  model,
  transitions,
  scope,
  now,
  running,
}: Pick<Shown, 'data' | 'definition'> & {
  readonly address: URL;
  readonly model: RunModel;
  readonly transitions: readonly Transition[];
  readonly scope: ReturnType<typeof graphOfWorkflow>;
  readonly now: number;
  readonly running: boolean;
}): JSX.Element {
  const { searchParams } = address;
  const chosen = searchParams.get('node');
  const node = model.nodes.find(({ id }) => id === chosen) ?? usualNode(model);
  const at = searchParams.get('at');
  const transition = at !== null && /^\d+$/.test(at) && Number(at) < transitions.length ? Number(at) : null;
  const view = searchParams.get('view') ?? 'graph';
  const set = (query: Readonly<Record<string, string | null>>) =>
    go(withQuery(address, query), { replace: true });
  const select = (id: string | null) => set({ node: id });
  const failing = model.nodes.filter(({ standing }) => standing === 'fail');
  const step = (by: number) => {
    const from = failing.findIndex(({ id }) => id === node?.id);
    const next = failing[(from + by + failing.length) % Math.max(1, failing.length)];
    if (next) select(next.id);
  };
  const moveTransition = (by: number) => {
    const next = Math.min(
      transitions.length - 1,
      Math.max(0, (transition ?? (by > 0 ? -1 : transitions.length)) + by),
    );
    set({ at: String(next) });
  };
  useKeys([
    { keys: ['n'], does: 'next failed', run: () => step(1) },
    { keys: ['N'], does: 'failed before', run: () => step(-1) },
    { keys: ['['], does: 'transition before', run: () => moveTransition(-1) },
    { keys: [']'], does: 'next transition', run: () => moveTransition(1) },
    ...PANEL_TABS.map((tab, index) => ({
      keys: [`${index + 1}`],
      does: index === 0 ? 'to 6: tabs of the node' : '',
      run: () => set({ tab: index === 0 ? null : tab }),
    })),
  ]);
  const rows = useMemo(() => timelineRows(data, model, now), [data, model, running ? now : 0]);
  const drawn = useMemo(() => new Map(model.nodes.map((each) => [each.id, each])), [model]);
  return (
    <>
      <fieldset class="seg views">
        <legend class="sr">View</legend>
        {VIEWS.map(([name, text]) => (
          <button key={name} type="button" aria-pressed={view === name} onClick={() => set({ view: name })}>
            {text}
          </button>
        ))}
      </fieldset>
      <div class="ws" data-view={view}>
        <GraphView title="Graph" scope={scope} drawn={drawn} selected={node?.id ?? null} onSelect={select} />
        <Timeline {...{ rows, now, running }} selected={node?.id ?? null} onSelect={select} />
        <BytesChart
          transitions={transitions}
          budget={BUDGET.bag}
          selected={transition}
          onSelect={(next) => set({ at: next === null ? null : String(next) })}
        >
          {transition !== null && (
            <LargestFields
              run={data.run.execution_id}
              transitions={transitions}
              selected={transition}
              onOpen={(bag) =>
                go(`/runs/${encodeURIComponent(data.run.execution_id)}/state?bag=${encodeURIComponent(bag)}`)
              }
            />
          )}
        </BytesChart>
        {node ? (
          <Panel {...{ address, data, model, definition, transitions, node, now }} />
        ) : (
          <aside class="card p" aria-label="Selected node">
            <p class="pad dim">Choose a node.</p>
          </aside>
        )}
      </div>
    </>
  );
}

/** Until somebody chooses: the node that failed, else the one that runs or waits, else the last that ran. */
function usualNode({ nodes, failedNode }: RunModel) {
  return (
    nodes.find(({ id }) => id === failedNode) ??
    nodes.find(({ standing }) => standing === 'fail') ??
    nodes.find(({ standing }) => standing === 'wait') ??
    nodes.find(({ standing }) => standing === 'run') ??
    nodes.filter(({ entries }) => entries.length > 0).at(-1) ??
    nodes[0]
  );
}
