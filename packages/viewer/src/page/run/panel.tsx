import type { JSX } from 'preact';
import { go, withQuery } from '../address.ts';
import { countText, durationText, moneyText } from '../format.ts';
import { Ago, Section } from '../parts/bits.tsx';
import { Status } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { AnswerTab, AttemptsTab, callsOutside, PromptTab } from './call-tabs.tsx';
import { ItemStrip } from './item-strip.tsx';
import type { NodeProps, PanelProps } from './node-props.ts';
import { ReadsAndWrites, Values } from './panel-values.tsx';
import { tookOf, workOf } from './run-model.ts';
import { findNode } from './written-node.ts';

const TABS = ['overview', 'input', 'prompt', 'answer', 'attempts', 'definition'] as const;
type Tab = (typeof TABS)[number];

/** Everything about the node that is selected. */
export function Panel(props: PanelProps): JSX.Element {
  const { address, node, definition } = props;
  const written = findNode(definition.workflow, node.id);
  const tabs = TABS.filter((tab) => tab !== 'prompt' || callsOutside(node.type));
  const wanted = address.searchParams.get('tab');
  const tab = tabs.find((each) => each === wanted) ?? 'overview';
  return (
    <aside class="card p" aria-label="Selected node">
      <div class="hd">
        <div class="path">
          <code>{[...node.path, node.type].join(' › ')}</code>
        </div>
        <div class="ttl">
          <h2>{node.id}</h2>
          <span class="grow" />
          <Status standing={node.standing} />
        </div>
        <nav class="tabs" aria-label="Node">
          {tabs.map((each) => (
            <a
              key={each}
              href={withQuery(address, { tab: each === 'overview' ? null : each, node: node.id })}
              aria-current={each === tab ? 'true' : undefined}
              onClick={(event) => keep(event, each)}
            >
              {NAMES[each]}
            </a>
          ))}
        </nav>
      </div>
      <TabBody {...props} tab={tab} written={written} />
    </aside>
  );

  function keep(event: MouseEvent, each: Tab): void {
    event.preventDefault();
    go(withQuery(address, { tab: each === 'overview' ? null : each, node: node.id }), { replace: true });
  }
}

const NAMES: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  input: 'Input',
  prompt: 'Prompt',
  answer: 'Answer',
  attempts: 'Attempts',
  definition: 'Node',
};

export const PANEL_TABS: readonly string[] = TABS;

function TabBody(props: NodeProps & { readonly tab: Tab }): JSX.Element {
  const { tab, written, node } = props;
  if (tab === 'input') return <Values {...props} which="input" />;
  if (tab === 'answer') return <AnswerTab {...props} />;
  if (tab === 'attempts') return <AttemptsTab {...props} />;
  if (tab === 'prompt') return <PromptTab {...props} />;
  if (tab === 'definition')
    return written ? (
      <ValueTree value={written} name={node.id} />
    ) : (
      <p class="pad dim">The compiler made this node.</p>
    );
  return <OverviewTab {...props} />;
}

function OverviewTab(props: NodeProps): JSX.Element {
  const { node, data, now, written } = props;
  const first = node.entries[0];
  const work = workOf(node.entries);
  const asked = data.approvals.filter(({ node_id }) => node_id === node.id).at(-1);
  return (
    <>
      <dl class="kv">
        {first && (
          <>
            <dt>Began</dt>
            <dd>
              <Ago time={first.started_at} now={now} />
            </dd>
            <dt>Took</dt>
            <dd>
              {durationText(tookOf(node.entries))}
              {work.length > 1 && <small> in {work.length} runs</small>}
            </dd>
            <dt>Segment</dt>
            <dd class="mono">{[...new Set(node.entries.map(({ segment_id }) => segment_id))].join(', ')}</dd>
          </>
        )}
        {node.entries.at(-1)?.summary !== undefined && (
          <>
            <dt>Result</dt>
            <dd>
              <Text text={node.entries.at(-1)?.summary ?? ''} most={300} />
            </dd>
          </>
        )}
        {node.usage && (
          <>
            <dt>Model calls</dt>
            <dd>{countText(node.usage.llm_calls)}</dd>
            <dt>Tokens</dt>
            <dd>
              {countText(node.usage.input_tokens)} in <small>·</small> {countText(node.usage.output_tokens)}{' '}
              out
            </dd>
            <dt>Cost</dt>
            <dd>{moneyText(node.usage.cost_nano_usd)}</dd>
          </>
        )}
        {typeof written?.config['model'] === 'string' && (
          <>
            <dt>Model</dt>
            <dd class="mono">{written.config['model']}</dd>
          </>
        )}
      </dl>
      {asked && (
        <Section title="Asked of a person">
          <p>
            <Text text={asked.message} most={600} />
          </p>
          <p class="dim">
            {asked.decision
              ? `${asked.decision.choice ?? 'nothing'}, ${asked.decision.by === null ? 'by the deadline' : `by ${asked.decision.by}`}`
              : `until ${asked.deadline}`}
          </p>
          {asked.state === 'OPEN' && (
            <a
              href={`/approvals?run=${encodeURIComponent(data.run.execution_id)}&approval=${encodeURIComponent(asked.approval_id)}`}
            >
              Decide
            </a>
          )}
        </Section>
      )}
      <ItemStrip {...props} />
      <ReadsAndWrites {...props} />
      {node.standing === 'pend' && <p class="pad dim">The run has not come here.</p>}
      {node.standing === 'skip' && <p class="pad dim">A condition led elsewhere.</p>}
    </>
  );
}
