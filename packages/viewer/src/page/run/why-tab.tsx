import type { RunDefinition, RunList } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { go } from '../address.ts';
import { ask } from '../ask.ts';
import { durationText, plural } from '../format.ts';
import { Ago, Broken, Card, CopyButton, Skeleton } from '../parts/bits.tsx';
import { DrawnIcon, Icon } from '../parts/icon.tsx';
import { TONES } from '../parts/standing.ts';
import { Text } from '../parts/text.tsx';
import { useWidth } from '../parts/use-width.ts';
import { usePlace } from '../place.ts';
import { useAsked } from '../use-asked.ts';
import { Action, ActionButton, post } from './actions.tsx';
import type { RunData } from './run-data.ts';
import type { NodeFact, RunModel } from './run-model.ts';
import { readState } from './state-fields.ts';
import { FieldSection } from './state-view.tsx';
import type { Transition } from './transitions.ts';
import { itemOf, verdictOf } from './verdict.ts';
import { findNode, namedBy } from './written-node.ts';

export interface WhyProps {
  readonly data: RunData;
  readonly definition: RunDefinition;
  readonly model: RunModel;
  readonly transitions: readonly Transition[];
  readonly now: number;
}

/**
 * What a failed run opens with: the error in a sentence, what mends it, the input that did it, what to do.
 */
export function WhyTab(props: WhyProps): JSX.Element {
  const { data, model } = props;
  const { run } = data;
  const verdict = verdictOf(run);
  const item = itemOf(run);
  const node = model.nodes.find(({ id }) => id === model.failedNode);
  const stopped = run.status === 'ABORTED' || run.status === 'CANCELLED';
  return (
    <div class="why">
      <div class="stack">
        <section class="card verdict" aria-label="The error in a sentence">
          <div class={`st ${stopped ? 'mute' : 'fail'}`}>
            <Icon name={stopped ? 'stop' : 'fail'} />
            {stopped
              ? 'The run was stopped'
              : node
                ? `${node.id} failed, and the run with it`
                : 'The run failed'}
          </div>
          <h2>
            <Text text={verdict.sentence} />
          </h2>
          <div class="meta">
            <span class="chip bad">{verdict.code}</span>
            {node && (
              <span>
                at{' '}
                <a
                  class="chip"
                  href={`/runs/${encodeURIComponent(run.execution_id)}/graph?node=${encodeURIComponent(node.id)}`}
                >
                  {[...node.path, ...(item === null ? [] : [`item ${item}`]), node.id].join(' › ')}
                </a>
              </span>
            )}
            {run.ended_at !== null && (
              <span class="dim">
                <Ago time={run.ended_at} now={props.now} />,{' '}
                {verdict.retried ? 'was tried again before' : 'not tried again by itself'}
              </span>
            )}
          </div>
        </section>
        <Mend {...props} mend={verdict.mend} />
        <Where {...props} />
        <Inputs {...props} />
        <Attempts {...props} />
        <Cause {...props} />
      </div>
      <div class="stack">
        <ToDo run={run.execution_id} failed={!stopped} />
        <SeenBefore {...props} />
      </div>
    </div>
  );
}

function Mend({ definition, model, mend }: WhyProps & { readonly mend: string }): JSX.Element {
  const written = model.failedNode === null ? undefined : findNode(definition.workflow, model.failedNode);
  return (
    <Card title="What mends it" note={written ? `node ${written.id} of the workflow` : undefined}>
      <div class="pad">
        <p>{mend}</p>
        {written && (
          <pre class="code">
            <Text text={JSON.stringify(written.config, null, 2)} most={2_000} />
          </pre>
        )}
      </div>
    </Card>
  );
}

/** The nodes of the outermost level on the way to the one that failed, and how many were not reached. */
function Where({ model }: WhyProps): JSX.Element | null {
  const [pane, width] = useWidth();
  const outer = model.nodes.filter(({ path }) => path.length === 0);
  const done = outer.filter(({ entries, standing }) => entries.length > 0 && standing !== 'fail');
  const bad = outer.find(({ standing }) => standing === 'fail');
  const missed = outer.filter(({ standing }) => standing === 'pend');
  if (outer.length === 0) return null;
  const shown = [...done.slice(-2), ...(bad ? [bad] : []), ...missed.slice(0, 3)];
  return (
    <Card
      title="Where it stopped"
      note={
        missed.length === 0
          ? undefined
          : `${plural(missed.length, 'node')} ${missed.length === 1 ? 'was' : 'were'} not reached`
      }
    >
      <div class="pad" ref={pane}>
        {width > 0 && <PathLine nodes={shown} width={width} more={missed.length - 3} />}
      </div>
    </Card>
  );
}

function PathLine({
  nodes,
  width,
  more,
}: {
  readonly nodes: readonly NodeFact[];
  readonly width: number;
  readonly more: number;
}): JSX.Element {
  const gap = 26;
  let [x, y] = [3, 4];
  const boxes = nodes.map((node) => {
    const wide = Math.min(
      width - 6,
      38 + node.id.length * 7.3 + (node.figure === '' ? 0 : 10 + node.figure.length * 6.2),
    );
    if (x + wide > width) [x, y] = [3, y + 44];
    const box = { node, x, y, wide };
    x += wide + gap;
    return box;
  });
  return (
    <svg
      width={width}
      height={y + 36}
      role="img"
      aria-label={nodes.map(({ id, standing }) => `${id} ${standing}`).join(', ')}
    >
      {boxes.map(({ node: { id, standing, figure }, x: left, y: top, wide }, index) => (
        <g key={id}>
          {index > 0 && left > 3 && (
            <>
              <path
                class={`ed${standing === 'pend' ? ' no' : ''}`}
                d={`M${left - gap + 3} ${top + 13}H${left - 6}`}
              />
              <path
                class={`ah${standing === 'pend' ? ' no' : ''}`}
                d={`M${left - 7} ${top + 9.5}v7l5-3.5z`}
              />
            </>
          )}
          <g class={`nd ${standing}`} transform={`translate(${left} ${top})`}>
            <rect class="bx" x={0.5} y={0.5} width={wide - 1} height={25} rx={5.5} />
            <DrawnIcon name={standing} x={8} y={6.5} tone={TONES[standing]} />
            <text x={27} y={17}>
              {id}
            </text>
            {figure !== '' && (
              <text class="s" x={wide - 8} y={17} text-anchor="end">
                {figure}
              </text>
            )}
          </g>
        </g>
      ))}
      {more > 0 && x + 70 < width && (
        <text class="s" x={x - 8} y={y + 17}>
          and {more} more
        </text>
      )}
    </svg>
  );
}

/** Fields that the failed node, or the list around it, names in its expressions. */
function Inputs({ data, definition, model }: WhyProps): JSX.Element | null {
  const id = data.run.execution_id;
  const { value, error, slow, again } = useAsked(`why ${id}`, () => readState(id, null));
  const node = model.nodes.find(({ id: each }) => each === model.failedNode);
  if (!node) return null;
  const written = [node.id, ...node.path].flatMap((each) => findNode(definition.workflow, each) ?? []);
  const fields = namedBy(
    written.map(({ config }) => config),
    value?.fields ?? [],
  );
  return (
    <Card title="The input that did it" note="fields that it names, as they were">
      {error ? (
        <Broken what="The state could not be read" error={error} again={again} />
      ) : !value ? (
        slow && <Skeleton rows={3} />
      ) : fields.length === 0 ? (
        <p class="pad dim">Its expressions name no field of the state.</p>
      ) : (
        fields.slice(0, 3).map((field) => <FieldSection key={field.name} run={id} at={null} field={field} />)
      )}
    </Card>
  );
}

function Attempts({ model, data }: WhyProps): JSX.Element {
  const node = model.nodes.find(({ id }) => id === model.failedNode);
  const failed = model.segments.flatMap(({ failures, segment_id }) =>
    failures.map((failure) => ({ ...failure, segment_id })),
  );
  const entries = data.entries.filter(({ status, node_id }) => status === 'FAILED' || node_id === node?.id);
  return (
    <Card title="Attempts" note={plural(failed.length + entries.length, 'attempt')}>
      <table class="tries">
        <thead>
          <tr>
            <th>What</th>
            <th>At</th>
            <th class="num">Took</th>
            <th>Because</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ id, node_id, status, started_at, ended_at, summary = '' }) => (
            <tr key={id}>
              <td class="mono">
                {node_id} {status === 'FAILED' ? '' : status.toLowerCase()}
              </td>
              <td>{new Date(started_at).toLocaleTimeString()}</td>
              <td class="num">{durationText(Date.parse(ended_at) - Date.parse(started_at))}</td>
              <td>
                <Text text={summary} most={400} />
              </td>
            </tr>
          ))}
          {failed.map(({ at, error, cause, segment_id }) => (
            <tr key={at}>
              <td class="mono">{segment_id}</td>
              <td>{new Date(at).toLocaleTimeString()}</td>
              <td />
              <td>
                <code>{error}</code> <Text text={cause} most={400} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Cause({ data: { run } }: WhyProps): JSX.Element | null {
  if (run.cause === null || run.cause === '') return null;
  return (
    <Card title="In its own words" tools={<CopyButton text={run.cause} label="Copy the cause" />}>
      <div class="pad">
        <pre class="code">
          <Text text={run.cause} />
        </pre>
      </div>
    </Card>
  );
}

function ToDo({ run, failed }: { readonly run: string; readonly failed: boolean }): JSX.Element {
  const { read_only } = usePlace();
  return (
    <section class="card todo" aria-label="What to do">
      <header>
        <h2>What to do</h2>
        {read_only && <span class="dim">this stage is shown, not changed</span>}
      </header>
      <ul class="acts">
        <Action
          button={
            <ActionButton
              text="Resume"
              sure="It goes on where it stopped."
              primary
              act={async () => {
                await post(run, 'resume', {});
                go(`/runs/${encodeURIComponent(run)}/graph`);
              }}
            />
          }
          effect="Goes on where it stopped. What has finished, and model calls that were recorded, are not made again."
          words={['resume', run]}
        />
        <Action
          button={
            <a class="btn" href={`/runs/${encodeURIComponent(run)}/state`}>
              Look at state
            </a>
          }
          effect="Its state before and after every segment, as a diff."
          words={['show', run, '--state']}
        />
        <Action
          button={
            <a class="btn" href={`/runs/${encodeURIComponent(run)}/fork`}>
              Fork
            </a>
          }
          effect="A new run that shares what this one has done, with an edited workflow or other fields. Before it begins it says what it repeats."
          words={['fork', run, '--workflow', 'edited.json']}
        />
        <Action
          button={<b>Replay</b>}
          effect="Repeats it from what was recorded, without calling anybody, and says what comes out differently."
          words={['replay', run]}
        />
        <Action
          button={<b>Copy as fixture</b>}
          effect="Writes what it was given into a file that a test runs again, without what is sensitive."
          words={['replay', run, '--record', `test/fixtures/${run}`]}
        />
        <Action
          button={
            <button type="button" class="btn" disabled>
              Cancel
            </button>
          }
          effect={failed ? 'The run has ended; there is nothing to cancel.' : 'It was stopped already.'}
          words={null}
        />
      </ul>
    </section>
  );
}

/** The same error in other runs of the workflow. */
function SeenBefore({ data: { run }, now }: WhyProps): JSX.Element | null {
  const { value } = useAsked(`seen ${run.execution_id}`, () =>
    ask<RunList>(`/api/runs?limit=100&workflow_id=${encodeURIComponent(run.workflow_id)}`),
  );
  if (!value) return null;
  const same = value.runs.filter(
    ({ error, execution_id }) => error === run.error && execution_id !== run.execution_id,
  );
  return (
    <Card
      title="Seen before"
      note={`of the newest ${plural(value.runs.length, 'run')} of ${run.workflow_id}`}
    >
      <div class="pad">
        <p>
          {same.length === 0
            ? 'No other one failed with '
            : `${plural(same.length, 'other run')} failed with `}
          <code>{run.error ?? run.status}</code>.
        </p>
        {same.slice(0, 5).map(({ execution_id, started_at }) => (
          <p class="l1" key={execution_id}>
            <a href={`/runs/${encodeURIComponent(execution_id)}`}>{execution_id}</a>
            <span class="grow" />
            <Ago time={started_at} now={now} />
          </p>
        ))}
      </div>
    </Card>
  );
}
