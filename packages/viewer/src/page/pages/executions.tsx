import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { MachineView, ExecutionPage as Page } from '../../wire.ts';
import { go, withQuery } from '../address.ts';
import { ask } from '../ask.ts';
import { historyFileOf } from '../executions/history-file.ts';
import { keepFile } from '../executions/kept-file.ts';
import { durationText } from '../format.ts';
import { Ago, Broken, Card, Empty, Skeleton, useNow } from '../parts/bits.tsx';
import { Status } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';
import { standingOf } from '../runs/run-row.ts';
import { useAsked } from '../use-asked.ts';

/** Executions of any state machine, and histories from files. */
export function ExecutionsPage({ address }: { readonly address: URL }): JSX.Element {
  const machines = useAsked('machines', () => ask<MachineView[]>('/executions-of/account'));
  const asked = address.searchParams.get('machine');
  const newest = useAsked(asked === null && machines.value ? 'newest' : null, () =>
    newestOf(machines.value ?? []),
  );
  const chosen = asked ?? (newest.error ? machines.value?.[0]?.arn : newest.value) ?? null;
  useEffect(() => {
    document.title = 'Executions · Statebag';
  }, []);
  return (
    <>
      <h1 class="sr">Executions</h1>
      <div class="two">
        <div class="stack">
          <Card title="State machines" note={machines.value ? `${machines.value.length}` : undefined}>
            {machines.error ? (
              <Broken
                what="The state machines could not be read"
                error={machines.error}
                again={machines.again}
              />
            ) : machines.value ? (
              machines.value.map(({ arn, name }) => (
                <a
                  key={arn}
                  class="q"
                  href={withQuery(address, { machine: arn, next: null })}
                  aria-current={arn === chosen ? 'true' : undefined}
                >
                  <Text text={name} />
                </a>
              ))
            ) : (
              machines.slow && <Skeleton rows={4} />
            )}
          </Card>
          <FileCard />
        </div>
        {chosen === null ? (
          <Card title="Executions">
            {machines.value?.length === 0 && <Empty title="There is no state machine here" />}
          </Card>
        ) : (
          <List address={address} machine={chosen} />
        )}
      </div>
    </>
  );
}

const MOST_ASKED = 10;

/** The machine that was started last, among the first of a long list: what a reader is likely to look for. */
async function newestOf(machines: readonly MachineView[]): Promise<string | undefined> {
  const started = await Promise.all(
    machines.slice(0, MOST_ASKED).map(async ({ arn }) => {
      const { executions } = await ask<Page>(`/executions-of/machine?machine=${encodeURIComponent(arn)}`);
      return { arn, at: executions[0]?.started_at ?? '' };
    }),
  );
  return started.sort((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : 0))[0]?.arn;
}

/** A history that somebody saved, of an account that this machine does not see. */
function FileCard(): JSX.Element {
  const [error, setError] = useState<unknown>();
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      keepFile(historyFileOf(file.name, await file.text()));
      go('/executions/file');
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Card title="A history from a file">
      <div class="pad form">
        <label class="fl" for="history">
          history.json, as aws stepfunctions get-execution-history writes it
        </label>
        <input
          id="history"
          type="file"
          accept=".json,application/json"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
        {error !== undefined && (
          <p class="t-fail">{error instanceof Error ? error.message : String(error)}</p>
        )}
      </div>
    </Card>
  );
}

function List({ address, machine }: { readonly address: URL; readonly machine: string }): JSX.Element {
  const next = address.searchParams.get('next');
  const query = `machine=${encodeURIComponent(machine)}${next === null ? '' : `&next=${encodeURIComponent(next)}`}`;
  const { value, error, slow, again } = useAsked(query, () => ask<Page>(`/executions-of/machine?${query}`));
  const now = useNow();
  return (
    <Card
      title="Executions"
      note={machine.split(':').at(-1)}
      tools={
        <button type="button" class="btn sm" onClick={again}>
          Read again
        </button>
      }
    >
      {error ? (
        <Broken what="The executions could not be read" error={error} again={again} />
      ) : !value ? (
        slow && <Skeleton />
      ) : value.executions.length === 0 ? (
        <Empty title="It has not been started yet" />
      ) : (
        <table class="runs">
          <thead>
            <tr>
              <th>Status</th>
              <th>Execution</th>
              <th class="num">Started</th>
              <th class="num">Duration</th>
            </tr>
          </thead>
          <tbody>
            {value.executions.map(({ arn, name, status, started_at, ended_at }) => (
              <tr key={arn}>
                <td class="s">
                  <Status standing={executionStanding(status)} />
                </td>
                <td class="r">
                  <div class="l1">
                    <a href={`/executions/${encodeURIComponent(arn)}`}>
                      <Text text={name} />
                    </a>
                  </div>
                </td>
                <td class="num when">
                  <Ago time={started_at} now={now} />
                </td>
                <td class="num d">
                  {durationText((ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {value && value.next !== null && (
        <div class="pager">
          <span class="grow" />
          <a class="btn sm" href={withQuery(address, { machine, next: value.next })}>
            Older
          </a>
        </div>
      )}
    </Card>
  );
}

const KNOWN = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** Whoever holds an execution, the service runs it. */
export function executionStanding(text: string): ReturnType<typeof standingOf> {
  const status = KNOWN.find((each) => each === text) ?? 'RUNNING';
  return standingOf({ status }, { held: true, waits: false });
}
