import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go, withQuery } from '../address.ts';
import { bytesText, countText, durationText, moneyText, plural } from '../format.ts';
import { useKeys } from '../keys.tsx';
import { Broken, FailedTry, Section, Skeleton } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Text } from '../parts/text.tsx';
import { useAsked } from '../use-asked.ts';
import {
  answerOf,
  type Call,
  type Calls,
  chosenCall,
  ledgerText,
  placeText,
  queryOf,
  readCalls,
  refusedBefore,
} from './calls.ts';
import type { NodeProps } from './node-props.ts';
import { Values } from './panel-values.tsx';
import { AnyValue } from './state-view.tsx';
import { promptParts } from './written-node.ts';

/** Types that ask nobody. */
const INSIDE: ReadonlySet<string> = new Set([
  'aggregator',
  'conditional',
  'data_transform',
  'for_each',
  'human_approval',
  'input',
  'loop',
  'operator',
  'output',
  'parallel_group',
  'subgraph',
  'wait',
]);

export function callsOutside(type: string): boolean {
  return !INSIDE.has(type);
}

interface Asked {
  readonly calls: readonly Call[];
  readonly chosen: Call | undefined;
}

/** Shows what is told of the chosen call, once it is known which calls there are. */
function OfCall(props: NodeProps & { readonly children: (asked: Asked) => JSX.Element }): JSX.Element {
  const { data, node, address, children } = props;
  const run = data.run.execution_id;
  const name = `calls ${run} ${node.id}`;
  const [further, setFurther] = useState<{ readonly of: string; readonly calls: Calls }>();
  const version = String(data.executions.reduce((sum, { events }) => sum + events, 0));
  const first = useAsked(name, () => readCalls(run, node.id), version);
  if (first.error)
    return <Broken what="Its calls could not be read" error={first.error} again={first.again} />;
  if (!first.value) return <Skeleton rows={4} />;
  const known = further?.of === name ? further.calls : first.value;
  const chosen = chosenCall(known.calls, address.searchParams);
  const lookFurther = () =>
    void readCalls(run, node.id, known).then((calls) => setFurther({ of: name, calls }), first.again);
  return (
    <>
      {(known.calls.length > 1 || known.next !== null) && (
        <Chooser {...{ address, chosen }} calls={known} onFurther={lookFurther} />
      )}
      {children({ calls: known.calls, chosen })}
    </>
  );
}

function Chooser({
  address,
  calls: { calls, read, next },
  chosen,
  onFurther,
}: {
  readonly address: URL;
  readonly calls: Calls;
  readonly chosen: Call | undefined;
  readonly onFurther: () => void;
}): JSX.Element {
  const at = chosen ? calls.indexOf(chosen) : -1;
  const move = (by: number) => {
    const call = calls[Math.min(calls.length - 1, Math.max(0, at + by))];
    if (call) go(withQuery(address, queryOf(call)), { replace: true });
  };
  useKeys([
    { keys: [','], does: 'turn or item before', run: () => move(-1) },
    { keys: ['.'], does: 'next turn or item', run: () => move(1) },
  ]);
  return (
    <div class="choose">
      <button type="button" class="btn sm" disabled={at <= 0} onClick={() => move(-1)}>
        Before
      </button>
      <span role="status">
        {chosen ? placeText(chosen.place) || `call ${at + 1}` : 'not among these'}
        <span class="dim"> of {plural(calls.length, 'call')}</span>
      </span>
      <button type="button" class="btn sm" disabled={at >= calls.length - 1} onClick={() => move(1)}>
        Next
      </button>
      {next !== null && (
        <>
          <span class="dim">of the first {countText(read)} records</span>
          <button type="button" class="btn sm" onClick={onFurther}>
            Look further
          </button>
        </>
      )}
    </div>
  );
}

/** What was asked, as it was sent; until a call is recorded, as the workflow has it. */
export function PromptTab(props: NodeProps): JSX.Element {
  return (
    <OfCall {...props}>
      {({ chosen }) => {
        const sent = chosen?.answered ?? chosen?.failed.at(-1);
        if (!sent?.asked)
          return <Parts question={props.written?.config ?? {}} note="as the workflow has it" />;
        const bytes = sent.asked_bytes ?? 0;
        const whole = JSON.stringify(sent.asked).length >= Math.min(bytes, 16_000) && bytes <= 16_384;
        return (
          <Parts
            question={sent.asked}
            note={whole ? 'as sent' : `as sent, cut: ${bytesText(bytes)} in all`}
          />
        );
      }}
    </OfCall>
  );
}

function Parts({
  question,
  note,
}: {
  readonly question: Readonly<Record<string, unknown>>;
  readonly note: string;
}): JSX.Element {
  const parts = promptParts(question);
  if (parts.length === 0) return <p class="pad dim">Nothing of it was recorded.</p>;
  return (
    <>
      {parts.map(({ role, text }, index) => (
        <Section key={index} title={role} note={note}>
          <pre class="code">
            <Text text={text} most={16_384} />
          </pre>
        </Section>
      ))}
    </>
  );
}

/** What came back of a call, and what was refused before; without calls what the node left in the state. */
export function AnswerTab(props: NodeProps): JSX.Element {
  if (!callsOutside(props.node.type)) return <Values {...props} which="answer" />;
  return (
    <OfCall {...props}>
      {({ chosen }) => (chosen ? <Answer {...props} call={chosen} /> : <Values {...props} which="answer" />)}
    </OfCall>
  );
}

function Answer({ call, ...props }: NodeProps & { readonly call: Call }): JSX.Element {
  const { answered } = call;
  const { model, node } = props;
  const segments = new Set(node.entries.map(({ segment_id }): string => segment_id));
  const begun = model.segments
    .filter(({ segment_id }) => segment_id !== null && segments.has(segment_id))
    .map(({ entered_at }) => entered_at);
  return (
    <>
      {answered ? (
        <Section
          title="Answer"
          note={answered.result_bytes === null ? undefined : bytesText(answered.result_bytes)}
        >
          {'result' in answered ? (
            <AnyValue value={answerOf(answered)} name="Answer" />
          ) : (
            <p class="dim">
              <Icon name="stored" /> too large to stand here; the state has it.
            </p>
          )}
        </Section>
      ) : (
        <p class="pad dim">No answer was recorded.</p>
      )}
      <dl class="kv">
        <dt>Ledger</dt>
        <dd>{ledgerText(call, begun)}</dd>
        {answered?.usage && answered.usage.llm_calls > 0 && (
          <>
            <dt>Tokens</dt>
            <dd>
              {countText(answered.usage.input_tokens)} in <small>·</small>{' '}
              {countText(answered.usage.output_tokens)} out
            </dd>
            <dt>Cost</dt>
            <dd>
              {moneyText(answered.usage.cost_nano_usd)}{' '}
              <small>{plural(answered.usage.llm_calls, 'answer')} paid for</small>
            </dd>
          </>
        )}
      </dl>
      {refusedBefore(call).map((text, index) => (
        <Section key={index} title={`Refused answer ${index + 1}`} note="did not obey the schema">
          <pre class="code">
            <Text text={text} />
          </pre>
        </Section>
      ))}
      {!answered && <Values {...props} which="answer" />}
    </>
  );
}

/** Attempts of calls, of the segment, and what the history says. */
export function AttemptsTab(props: NodeProps): JSX.Element {
  if (!callsOutside(props.node.type)) return <Attempts {...props} call={undefined} />;
  return <OfCall {...props}>{({ chosen }) => <Attempts {...props} call={chosen} />}</OfCall>;
}

function Attempts({ node, model, now, call }: NodeProps & { readonly call: Call | undefined }): JSX.Element {
  const segments = new Set(node.entries.map(({ segment_id }): string => segment_id));
  const failed = model.segments
    .filter(({ segment_id }) => segment_id !== null && segments.has(segment_id))
    .flatMap(({ failures }) => failures);
  const calls = call?.failed ?? [];
  if (node.entries.length + failed.length + calls.length === 0) return <p class="pad dim">It has not run.</p>;
  return (
    <div class="sec">
      <ol class="att">
        {calls.map(({ at, error, message }, index) => (
          <FailedTry key={index} what="its call" cause={message ?? ''} error={error ?? ''} {...{ at, now }} />
        ))}
        {failed.map((failure) => (
          <FailedTry key={failure.at} what="its segment" {...failure} now={now} />
        ))}
        {node.entries.map(({ id, status, started_at, ended_at, summary, attempt }, index) => (
          <li key={id}>
            <span class={status === 'FAILED' ? 't-fail' : status === 'PAUSED' ? 't-wait' : 't-ok'}>
              <Icon name={status === 'FAILED' ? 'fail' : status === 'PAUSED' ? 'wait' : 'ok'} />
            </span>
            <b>
              {index + 1} {status.toLowerCase()}
              {attempt > 1 ? `, run resumed ${attempt - 1} ×` : ''}
            </b>
            <span class="dim">{durationText(Date.parse(ended_at) - Date.parse(started_at))}</span>
            {summary !== undefined && (
              <small>
                <Text text={summary} most={600} />
              </small>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
