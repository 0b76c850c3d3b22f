import type { StateTrace } from '@statebag/runs/trace';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { ExecutionDetail, StatePayload } from '../../wire.ts';
import { go, withQuery } from '../address.ts';
import { ask } from '../ask.ts';
import {
  drawnStates,
  retriesText,
  scopeOf,
  standingOfState,
  stateRows,
  takenScope,
} from '../executions/execution-model.ts';
import { keptFile } from '../executions/kept-file.ts';
import { bytesText, durationText, percentText, plural } from '../format.ts';
import { everyNode } from '../graph/graph.ts';
import { GraphView } from '../graph/graph-view.tsx';
import { useKeys } from '../keys.tsx';
import { useLive } from '../live.ts';
import { Ago, Broken, Empty, FailedTry, Section, Skeleton, useNow } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Status } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { BytesChart } from '../run/bytes-chart.tsx';
import { Timeline } from '../run/timeline.tsx';
import { transitionsOf } from '../run/transitions.ts';
import { useAsked } from '../use-asked.ts';
import { executionStanding } from './executions.tsx';

/** One execution of any state machine, from Step Functions or from a file. */
export function ExecutionPage({ address }: { readonly address: URL }): JSX.Element {
  const arn = decodeURIComponent(address.pathname.split('/')[2] ?? '');
  return arn === 'file' ? <FromFile address={address} /> : <FromService address={address} arn={arn} />;
}

function FromFile({ address }: { readonly address: URL }): JSX.Element {
  const file = keptFile();
  if (!file)
    return (
      <div class="card">
        <Empty title="The file is not open any more">
          <a class="btn sm" href="/executions">
            Open it again
          </a>
        </Empty>
      </div>
    );
  return <Shown address={address} detail={file.detail} read={async (event) => file.payload(event)} />;
}

function FromService({ address, arn }: { readonly address: URL; readonly arn: string }): JSX.Element {
  const query = `arn=${encodeURIComponent(arn)}`;
  const version = useLive(`?${query}`);
  const { value, error, slow, again } = useAsked(
    version === '' ? null : query,
    () => ask<ExecutionDetail>(`/executions-of/trace?${query}`),
    version,
  );
  if (error)
    return (
      <div class="card">
        <Broken what="The execution cannot be shown" error={error} again={again} />
      </div>
    );
  if (!value) return <div class="card">{slow && <Skeleton rows={10} />}</div>;
  return (
    <Shown
      address={address}
      detail={value}
      read={(event) => ask<StatePayload>(`/executions-of/payload?${query}&event=${event}`)}
    />
  );
}

type ReadPayload = (event: number) => Promise<StatePayload>;

function Shown({
  address,
  detail,
  read,
}: {
  readonly address: URL;
  readonly detail: ExecutionDetail;
  readonly read: ReadPayload;
}): JSX.Element {
  const { trace, name } = detail;
  const running = detail.status === 'RUNNING' && trace.end === null;
  const now = useNow(running ? 1_000 : 20_000);
  const all = address.searchParams.get('states') === 'all';
  const scope = useMemo(() => {
    const whole = scopeOf(detail);
    return all ? whole : takenScope(whole, new Set(trace.states.map(({ state }) => state)));
  }, [detail, all]);
  const drawn = useMemo(
    () =>
      drawnStates(
        detail,
        everyNode(scope).map(({ node }) => node.id),
      ),
    [detail],
  );
  const transitions = useMemo(() => transitionsOf([{ name, states: trace.states }]), [detail]);
  const rows = useMemo(() => stateRows(detail, now), [detail, running ? now : 0]);
  const wanted = Number(address.searchParams.get('event') ?? Number.NaN);
  const usual =
    trace.states.find((state) => standingOfState(state, detail) === 'fail') ?? trace.states.at(-1);
  const state = trace.states.find(({ event }) => event === wanted) ?? usual;
  const at = transitions.findIndex(({ event, state: each }) => event === state?.event && each !== 'Start');
  const choose = (event: number | null) =>
    go(withQuery(address, { event: event === null ? null : String(event) }), { replace: true });
  const step = (by: number) => {
    const index = state ? trace.states.indexOf(state) : -1;
    const next = trace.states[Math.min(trace.states.length - 1, Math.max(0, index + by))];
    if (next) choose(next.event);
  };
  useKeys([
    { keys: ['['], does: 'state before', run: () => step(-1) },
    { keys: [']'], does: 'next state', run: () => step(1) },
  ]);
  useEffect(() => {
    document.title = `${detail.status.toLowerCase()} · ${name}`;
  }, [detail]);
  const view = address.searchParams.get('view') ?? 'graph';
  return (
    <>
      <Head {...{ detail, now }} />
      <fieldset class="seg views">
        <legend class="sr">View</legend>
        {VIEWS.map(([each, word]) => (
          <button
            key={each}
            type="button"
            aria-pressed={view === each}
            onClick={() => go(withQuery(address, { view: each }), { replace: true })}
          >
            {word}
          </button>
        ))}
      </fieldset>
      <div class="ws" data-view={view}>
        <GraphView
          title={all ? 'All states' : 'Path taken'}
          tool={
            detail.definition !== null && (
              <a class="btn sm" href={withQuery(address, { states: all ? null : 'all' })}>
                {all ? 'Path taken' : 'All states'}
              </a>
            )
          }
          scope={scope}
          drawn={drawn}
          selected={state?.state ?? null}
          onSelect={(id) => choose(trace.states.findLast((each) => each.state === id)?.event ?? null)}
        />
        <Timeline
          {...{ rows, now, running }}
          selected={state ? String(state.event) : null}
          onSelect={(event) => choose(Number(event))}
        />
        <BytesChart
          transitions={transitions}
          budget={null}
          selected={at < 0 ? null : at}
          onSelect={(index) => choose(index === null ? null : (transitions[index]?.event ?? null))}
        >
          {state && <Sizes state={state} />}
        </BytesChart>
        {state ? (
          <StatePanel key={state.event} {...{ state, detail, read, now }} />
        ) : (
          <aside class="card p" aria-label="Selected state" />
        )}
      </div>
    </>
  );
}

const VIEWS = [
  ['graph', 'Graph'],
  ['time', 'Timeline'],
  ['bytes', 'Bytes'],
  ['node', 'State'],
] as const;

function Head({ detail, now }: { readonly detail: ExecutionDetail; readonly now: number }): JSX.Element {
  const { trace, status, started_at, ended_at, machine_arn, name } = detail;
  const failed = trace.end?.status === 'FAILED' || trace.end?.status === 'TIMED_OUT';
  return (
    <div class="rh">
      <div class="r1">
        <span class="crumb">
          <a href="/executions">Executions</a> / {machine_arn.split(':').at(-1)} /
        </span>
        <h1>
          <Text text={name} />
        </h1>
        <Status standing={executionStanding(status)} pill />
      </div>
      <dl class="facts">
        <div>
          <dt>Started</dt>
          <dd>
            <Ago time={started_at} now={now} />
          </dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>{durationText((ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at))}</dd>
        </div>
        <div>
          <dt>Events</dt>
          <dd>
            {trace.events} <small>{percentText(trace.events / 25_000)} of the limit</small>
          </dd>
        </div>
        <div>
          <dt>States entered</dt>
          <dd>{trace.states.length}</dd>
        </div>
      </dl>
      {failed && (
        <div class="note fail">
          <Icon name="fail" />
          <span>
            <b>{trace.end?.error ?? status}</b> <Text text={trace.end?.cause ?? ''} most={600} />
          </span>
        </div>
      )}
    </div>
  );
}

function Sizes({ state }: { readonly state: StateTrace }): JSX.Element {
  return (
    <>
      <h3 class="t-accent">{state.state}</h3>
      <p class="dim">took {bytesText(state.bytes_in)}</p>
      <p class="dim">
        {state.bytes_out === null ? 'left nothing yet' : `left ${bytesText(state.bytes_out)}`}
      </p>
    </>
  );
}

function StatePanel({
  state,
  detail,
  read,
  now,
}: {
  readonly state: StateTrace;
  readonly detail: ExecutionDetail;
  readonly read: ReadPayload;
  readonly now: number;
}): JSX.Element {
  const payload = useAsked(`${detail.arn} ${state.event}`, () => read(state.event), String(state.exit_event));
  return (
    <aside class="card p" aria-label="Selected state">
      <div class="hd">
        <div class="path">
          <code>{state.kind}</code>
        </div>
        <div class="ttl">
          <h2>
            <Text text={state.state} />
          </h2>
          <span class="grow" />
          <Status standing={standingOfState(state, detail)} />
        </div>
      </div>
      <dl class="kv">
        <dt>Entered</dt>
        <dd>
          <Ago time={state.entered_at} now={now} />
        </dd>
        <dt>Took</dt>
        <dd>
          {state.exited_at === null
            ? '–'
            : durationText(Date.parse(state.exited_at) - Date.parse(state.entered_at))}
        </dd>
        <dt>Attempts</dt>
        <dd>{retriesText(state)}</dd>
        {state.children.length > 0 && (
          <>
            <dt>Started</dt>
            <dd>
              {state.children.map((arn) => (
                <a key={arn} href={`/executions/${encodeURIComponent(arn)}`}>
                  {arn.split(':').at(-1)}
                </a>
              ))}
            </dd>
          </>
        )}
      </dl>
      {state.failures.length > 0 && (
        <div class="sec">
          <ol class="att">
            {state.failures.map((failure) => (
              <FailedTry key={failure.at} {...failure} now={now} />
            ))}
          </ol>
        </div>
      )}
      {payload.error ? (
        <Broken what="Input and output could not be read" error={payload.error} again={payload.again} />
      ) : (
        payload.value && (
          <>
            <Json title="Input" text={payload.value.input} bytes={state.bytes_in} />
            <Json title="Output" text={payload.value.output} bytes={state.bytes_out ?? 0} />
          </>
        )
      )}
    </aside>
  );
}

function Json({
  title,
  text,
  bytes,
}: {
  readonly title: string;
  readonly text: string | null;
  readonly bytes: number;
}): JSX.Element {
  const value = useMemo(() => jsonOf(text), [text]);
  return (
    <Section title={title} note={text === null ? 'none' : bytesText(bytes)}>
      {text !== null &&
        (value === undefined ? (
          <pre class="code">
            <Text text={text} />
          </pre>
        ) : (
          <ValueTree value={value} name={`${title} of a state, ${plural(text.length, 'character')}`} />
        ))}
    </Section>
  );
}

/** Nothing where the history leaves the value out, or cuts it. */
function jsonOf(text: string | null): unknown {
  try {
    return text === null || text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
