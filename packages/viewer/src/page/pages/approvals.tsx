import type { ApprovalPage, ApprovalView } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, withQuery } from '../address.ts';
import { ask } from '../ask.ts';
import { agoText, bytesText, plural, spanText } from '../format.ts';
import { useKeys } from '../keys.tsx';
import { useLive } from '../live.ts';
import { Ago, Broken, Card, Command, Empty, Skeleton, useNow } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Text } from '../parts/text.tsx';
import { commandLine, usePlace } from '../place.ts';
import { post } from '../run/actions.tsx';
import { readState } from '../run/state-fields.ts';
import { Brief } from '../run/state-view.tsx';
import { useAsked } from '../use-asked.ts';

type Question = ApprovalPage['approvals'][number];

const WEEK = 7 * 86_400_000;

async function readQuestions(): Promise<Question[]> {
  const since = new Date(Date.now() - WEEK).toISOString().slice(0, 10);
  const [waiting, lately] = await Promise.all([
    ask<ApprovalPage>('/api/approvals?limit=100&status=RUNNING'),
    ask<ApprovalPage>(`/api/approvals?limit=100&since=${since}`),
  ]);
  const known = new Map([...waiting.approvals, ...lately.approvals].map((each) => [nameOf(each), each]));
  return [...known.values()];
}

function nameOf({ execution_id, approval }: Question): string {
  return `${execution_id} ${approval.approval_id} ${approval.asked_at}`;
}

/** Everything that waits for a person, soonest deadline first, and what was decided by whom. */
export function ApprovalsPage({ address }: { readonly address: URL }): JSX.Element {
  const version = useLive('');
  const [done, setDone] = useState(0);
  const found = useAsked(version === '' ? null : 'questions', readQuestions, `${version} ${done}`);
  useEffect(() => {
    document.title = 'Approvals · Statebag';
  }, []);
  const questions = found.value ?? [];
  const waiting = questions
    .filter(({ approval }) => approval.state === 'OPEN')
    .sort((left, right) => left.approval.deadline.localeCompare(right.approval.deadline));
  const decided = questions
    .filter(({ approval }) => approval.state !== 'OPEN')
    .sort((left, right) => endOf(right.approval).localeCompare(endOf(left.approval)));
  const wanted = address.searchParams.get('approval');
  const run = address.searchParams.get('run');
  const chosen = [...waiting, ...decided].find(
    ({ execution_id, approval }) => approval.approval_id === wanted && (run === null || execution_id === run),
  );
  const shown = chosen ?? waiting[0] ?? decided[0];
  const all = [...waiting, ...decided];
  const move = (by: number) => {
    const next = all[Math.min(all.length - 1, Math.max(0, (shown ? all.indexOf(shown) : -1) + by))];
    if (next) go(addressOf(address, next), { replace: true });
  };
  useKeys([
    { keys: ['j'], does: 'down', run: () => move(1) },
    { keys: ['k'], does: 'up', run: () => move(-1) },
  ]);
  if (found.error)
    return (
      <div class="card">
        <Broken what="The approvals could not be read" error={found.error} again={found.again} />
      </div>
    );
  if (!found.value) return <div class="card">{found.slow && <Skeleton />}</div>;
  return (
    <>
      <h1 class="sr">Approvals</h1>
      <div class={`inbox${chosen ? ' chosen' : ''}`}>
        <div class="stack">
          <List
            title="Waiting"
            note={`${waiting.length}, soonest deadline first`}
            {...{ address, shown }}
            questions={waiting}
          />
          <List
            title="Decided"
            note="by runs of the last 7 days"
            {...{ address, shown }}
            questions={decided.slice(0, 50)}
          />
        </div>
        {shown ? (
          <QuestionCard key={nameOf(shown)} question={shown} onDone={() => setDone(done + 1)} />
        ) : (
          <section class="card" aria-label="The question">
            <Empty title="Nothing waits for a person">
              <p>A node of type human_approval asks; its question stands here until somebody answers.</p>
            </Empty>
          </section>
        )}
      </div>
    </>
  );
}

function endOf({ decision, asked_at }: ApprovalView): string {
  return decision?.decided_at ?? asked_at;
}

function addressOf(address: URL, { execution_id, approval }: Question): string {
  return withQuery(address, { run: execution_id, approval: approval.approval_id });
}

function List({
  title,
  note,
  address,
  questions,
  shown,
}: {
  readonly title: string;
  readonly note: string;
  readonly address: URL;
  readonly questions: readonly Question[];
  readonly shown: Question | undefined;
}): JSX.Element {
  const now = useNow();
  return (
    <Card title={title} note={note}>
      {questions.length === 0 && <p class="pad dim">Nothing.</p>}
      {questions.map((question) => {
        const { approval, execution_id, workflow_id } = question;
        return (
          <a
            key={nameOf(question)}
            class="q"
            href={addressOf(address, question)}
            aria-current={question === shown ? 'true' : undefined}
          >
            <span class="a">
              <span>
                {workflow_id} › {approval.node_id}
              </span>
              <Stand approval={approval} now={now} />
            </span>
            <p>
              <Text text={approval.message} most={160} />
            </p>
            <span class="m">
              <span>{execution_id}</span>
              {approval.decision?.comment && (
                <span>
                  “<Text text={approval.decision.comment} most={60} />”
                </span>
              )}
            </span>
          </a>
        );
      })}
    </Card>
  );
}

const SOON = 60 * 60_000;

function Stand({ approval, now }: { readonly approval: ApprovalView; readonly now: number }): JSX.Element {
  const { state, decision, deadline } = approval;
  if (state === 'OPEN') {
    const left = Date.parse(deadline) - now;
    return (
      <span class={`st ${left < SOON ? 'wait' : 'mute'}`} title={deadline}>
        <Icon name={left < SOON ? 'warn' : 'wait'} />
        {left > 0 ? `${spanText(left)} left` : 'overdue'}
      </span>
    );
  }
  if (!decision) return <span class="st mute">closed with its run</span>;
  const by = decision.how === 'person' ? `by ${decision.by ?? 'somebody'}` : 'by the deadline';
  return (
    <span
      class={`st ${decision.choice === 'reject' ? 'fail' : decision.choice === 'approve' ? 'ok' : 'mute'}`}
    >
      <Icon name={decision.choice === 'reject' ? 'fail' : 'ok'} />
      {decision.choice ?? 'expired'} {by}
    </span>
  );
}

function QuestionCard({
  question,
  onDone,
}: {
  readonly question: Question;
  readonly onDone: () => void;
}): JSX.Element {
  const { approval, execution_id } = question;
  const now = useNow();
  const left = Date.parse(approval.deadline) - now;
  return (
    <section class="card" aria-label="The question">
      <a class="back" href="/approvals">
        ‹ All questions
      </a>
      <div class="ask">
        <span class="dim">
          Asked <Ago time={approval.asked_at} now={now} /> by{' '}
          <a
            class="mono"
            href={`/runs/${encodeURIComponent(execution_id)}/graph?node=${encodeURIComponent(approval.node_id)}`}
          >
            {execution_id}
          </a>
        </span>
        <h2>
          <Text text={approval.message} />
        </h2>
        <div class="by">
          <span title={approval.deadline}>
            <span class="dim">Deadline</span> {new Date(approval.deadline).toLocaleString()},{' '}
            {left > 0 ? `in ${spanText(left)}` : 'overdue'}
          </span>
          <span>
            <span class="dim">Choices</span> {approval.choices.join(', ')}
          </span>
          {approval.escalated && <span class="st wait">escalated once</span>}
        </div>
      </div>
      <Concerns run={execution_id} version={approval.state} />
      {approval.state === 'OPEN' ? (
        <Decide question={question} onDone={onDone} />
      ) : (
        <Decided approval={approval} now={now} />
      )}
    </section>
  );
}

/** The state that the question is about. */
function Concerns({ run, version }: { readonly run: string; readonly version: string }): JSX.Element {
  const { value, error, slow, again } = useAsked(`concerns ${run}`, () => readState(run, null), version);
  if (error) return <Broken what="The state could not be read" error={error} again={again} />;
  if (!value) return <>{slow && <Skeleton rows={3} />}</>;
  return (
    <>
      <table class="fields">
        <thead>
          <tr>
            <th>Field</th>
            <th>Value</th>
            <th class="num">Size</th>
          </tr>
        </thead>
        <tbody>
          {value.fields.map((field) => (
            <tr key={field.name}>
              <td>
                <code>
                  <Text text={field.name} most={80} />
                </code>
              </td>
              <td>
                <Brief field={field} />
              </td>
              <td class="num">{bytesText(field.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="pager">
        <span>State it concerns: {plural(value.fields.length, 'field')}</span>
        <span class="grow" />
        <a href={`/runs/${encodeURIComponent(run)}/state`}>Open the whole state</a>
      </div>
    </>
  );
}

/** Two steps on purpose: choose, then record. No choice is preferred. */
function Decide({
  question,
  onDone,
}: {
  readonly question: Question;
  readonly onDone: () => void;
}): JSX.Element {
  const { approval, execution_id } = question;
  const place = usePlace();
  const [choice, setShown] = useState<string | null>(null);
  // a key may come before the page was drawn anew
  const chosen = useRef<string | null>(null);
  const setChoice = (next: string) => {
    chosen.current = next;
    setShown(next);
  };
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const verb = choice === 'reject' ? 'reject' : 'approve';
  const record = () => {
    const { current } = chosen;
    if (current === null || busy || place.read_only) return;
    setBusy(true);
    setError(undefined);
    post(execution_id, current === 'reject' ? 'reject' : 'approve', {
      approval_id: approval.approval_id,
      choice: current,
      ...(comment !== '' && { comment }),
    })
      .then(onDone)
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const pick = (name: string) => () => approval.choices.includes(name) && setChoice(name);
  useKeys([
    { keys: ['a'], does: 'approve', run: pick('approve') },
    { keys: ['x'], does: 'reject', run: pick('reject') },
    { keys: ['Enter'], does: choice === null ? '' : `record “${choice}”`, run: record },
  ]);
  const other = choice !== null && choice !== 'approve' && choice !== 'reject' ? ['--choice', choice] : [];
  const words = [
    verb,
    execution_id,
    '--approval',
    approval.approval_id,
    ...other,
    ...(comment === '' ? [] : ['--comment', comment]),
  ];
  return (
    <form
      class="dec"
      onSubmit={(event) => {
        event.preventDefault();
        record();
      }}
    >
      <label class="fl" for="comment">
        Comment, kept with the decision
      </label>
      <textarea
        id="comment"
        maxLength={4_096}
        value={comment}
        onInput={(event) => setComment(event.currentTarget.value)}
      />
      <div class="bt">
        <fieldset class="radio">
          <legend class="sr">Choice</legend>
          {approval.choices.map((each) => (
            <label key={each}>
              <input type="radio" name="choice" checked={choice === each} onChange={() => setChoice(each)} />
              {each}
            </label>
          ))}
        </fieldset>
        <button type="submit" class="btn pri" disabled={choice === null || busy || place.read_only}>
          {choice === null ? 'Record' : `Record “${choice}”`}
        </button>
        <span class="dim">
          {place.read_only ? 'This stage is shown, not changed.' : 'Final; the run goes on at once.'}
        </span>
      </div>
      {error !== undefined && error !== null && <Broken what="The decision was not recorded" error={error} />}
      <Command text={commandLine(place, words)} />
    </form>
  );
}

function Decided({ approval, now }: { readonly approval: ApprovalView; readonly now: number }): JSX.Element {
  const { decision, closed_reason, state } = approval;
  return (
    <div class="dec" role="status">
      {decision ? (
        <>
          <b>{decision.choice ?? 'No choice'}</b>{' '}
          {decision.how === 'person' ? `by ${decision.by ?? 'somebody'}` : 'by the deadline'},{' '}
          {agoText(decision.decided_at, now)}
          {state === 'RECORDED' && '; it is delivered as soon as the run can be told'}
          {decision.comment && (
            <p>
              “<Text text={decision.comment} />”
            </p>
          )}
        </>
      ) : (
        `Closed with its run${closed_reason === null ? '' : `: ${closed_reason}`}.`
      )}
    </div>
  );
}
