import type { RunList, RunView } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, withQuery } from '../address.ts';
import { ask } from '../ask.ts';
import { durationText, moneyText, plural } from '../format.ts';
import { useKeys } from '../keys.tsx';
import { useLive } from '../live.ts';
import { Ago, Broken, Command, Empty, Skeleton, useNow } from '../parts/bits.tsx';
import { ByteBar } from '../parts/byte-bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { Status } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';
import { commandLine, usePlace } from '../place.ts';
import { type Figures, useFigures } from '../runs/figures.ts';
import { type Lately, readLately } from '../runs/lately.ts';
import { Overview } from '../runs/overview.tsx';
import { aboutRun, standingOf } from '../runs/run-row.ts';
import { useAsked } from '../use-asked.ts';

const PAGE = 50;
/** A search looks through so many runs before it asks whether to go on. */
const SEARCHED_PAGES = 10;

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'CANCELLED'] as const;

/** Runs, newest first. */
export function RunsPage({ address }: { readonly address: URL }): JSX.Element {
  const version = useLive('');
  const lately = useAsked(version === '' ? null : 'lately', readLately, version);
  const query = queryOf(address);
  const found = useAsked(`runs ${query.name}`, () => readRuns(query), query.text === '' ? '' : query.text);
  // the first version is that of the list that was just read
  const first = useRef('');
  if (first.current === '') first.current = version;
  const fresh = useAsked(
    version === first.current ? null : `fresh ${query.filters}`,
    () => ask<RunList>(`/api/runs?limit=${PAGE}${query.filters}`),
    version,
  );
  useEffect(() => {
    document.title = 'Runs · Statebag';
  }, []);
  const shown = updated(found.value?.runs ?? [], fresh.value?.runs ?? []);
  const newer = newerThan(shown, query.before === null && query.text === '' ? (fresh.value?.runs ?? []) : []);
  return (
    <>
      <h1 class="sr">Runs</h1>
      <Overview lately={lately.value} address={address} />
      <Filters
        address={address}
        workflows={lately.value?.workflows ?? []}
        newer={newer}
        again={found.again}
      />
      <div class="card">
        {found.error ? (
          <Broken what="The runs could not be read" error={found.error} again={found.again} />
        ) : found.value === undefined ? (
          found.slow && <Skeleton rows={10} />
        ) : shown.length === 0 ? (
          <Nothing address={address} lately={lately.value} searched={found.value.searched} />
        ) : (
          <RunTable runs={shown} waiting={lately.value?.waiting ?? new Map()} />
        )}
        {found.value && shown.length > 0 && (
          <Pager
            address={address}
            next={found.value.next}
            searched={found.value.searched}
            count={shown.length}
          />
        )}
      </div>
    </>
  );
}

interface RunQuery {
  readonly name: string;
  readonly filters: string;
  readonly text: string;
  readonly before: string | null;
}

function queryOf(address: URL): RunQuery {
  const { searchParams } = address;
  const filters = ['status', 'workflow_id', 'since', 'until']
    .map((name) => [name, searchParams.get(name)] as const)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `&${name}=${encodeURIComponent(value ?? '')}`)
    .join('');
  const [text, before] = [searchParams.get('q') ?? '', searchParams.get('next')];
  return { name: `${filters} ${text} ${before ?? ''}`, filters, text, before };
}

interface FoundRuns extends RunList {
  /** Runs that a search has looked at; null where nothing was searched for. */
  readonly searched: number | null;
}

async function readRuns({ filters, text, before }: RunQuery): Promise<FoundRuns> {
  const page = (next: string | null, limit: number) =>
    ask<RunList>(
      `/api/runs?limit=${limit}${filters}${next === null ? '' : `&next=${encodeURIComponent(next)}`}`,
    );
  if (text === '') return { ...(await page(before, PAGE)), searched: null };
  const runs: RunView[] = [];
  let next = before;
  let searched = 0;
  for (let pages = 0; pages < SEARCHED_PAGES; pages += 1) {
    const found = await page(next, 100);
    searched += found.runs.length;
    runs.push(...found.runs.filter((run) => hasText(run, text)));
    next = found.next;
    if (next === null || runs.length >= PAGE) break;
  }
  return { runs, next, searched };
}

function hasText({ execution_id, workflow_id, error, cause }: RunView, text: string): boolean {
  const wanted = text.toLowerCase();
  return [execution_id, workflow_id, error, cause].some((each) => each?.toLowerCase().includes(wanted));
}

/** Rows stay where they are; what is known newer of them is shown. */
function updated(runs: readonly RunView[], fresh: readonly RunView[]): RunView[] {
  const byId = new Map(fresh.map((run) => [run.execution_id, run]));
  return runs.map((run) => byId.get(run.execution_id) ?? run);
}

function newerThan(shown: readonly RunView[], fresh: readonly RunView[]): number {
  const known = new Set(shown.map(({ execution_id }) => execution_id));
  const first = fresh.findIndex(({ execution_id }) => known.has(execution_id));
  return shown.length === 0 ? fresh.length : Math.max(0, first);
}

function Filters({
  address,
  workflows,
  newer,
  again,
}: {
  readonly address: URL;
  readonly workflows: readonly string[];
  readonly newer: number;
  readonly again: () => void;
}): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  useKeys([{ keys: ['/'], does: 'search', run: () => search.current?.focus() }]);
  const { searchParams } = address;
  const set = (name: string, value: string) => go(withQuery(address, { [name]: value, next: null }));
  const day = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const since = searchParams.get('since') ?? '';
  return (
    <div class="filters">
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          set('q', search.current?.value ?? '');
        }}
      >
        <Icon name="find" />
        <input
          ref={search}
          type="search"
          aria-label="Search"
          placeholder="Text in error, run id or workflow"
          defaultValue={searchParams.get('q') ?? ''}
          key={searchParams.get('q') ?? ''}
        />
        <kbd>/</kbd>
      </form>
      <div class="drops">
        <Drop name="Status" value={searchParams.get('status') ?? ''} onPick={(value) => set('status', value)}>
          {STATUSES.map((status) => ({ value: status, text: status.toLowerCase().replace('_', ' ') }))}
        </Drop>
        <Drop
          name="Workflow"
          value={searchParams.get('workflow_id') ?? ''}
          onPick={(value) => set('workflow_id', value)}
        >
          {workflows.map((id) => ({ value: id, text: id }))}
        </Drop>
        <Drop name="Started" value={since} onPick={(value) => set('since', value)}>
          {[
            { value: day(1), text: 'since yesterday' },
            { value: day(14), text: 'last 14 days' },
            ...(since === '' || [day(1), day(14)].includes(since)
              ? []
              : [{ value: since, text: `since ${since}` }]),
          ]}
        </Drop>
      </div>
      <span class="grow" />
      {newer > 0 && (
        <button type="button" class="btn new" onClick={again}>
          {newer === PAGE ? `${PAGE} or more` : newer} newer
        </button>
      )}
    </div>
  );
}

/** A choice among few; what is set is tinted. */
function Drop({
  name,
  value,
  onPick,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly onPick: (value: string) => void;
  readonly children: readonly { readonly value: string; readonly text: string }[];
}): JSX.Element {
  return (
    <label class={`drop${value === '' ? '' : ' set'}`}>
      {name}
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        <option value="">all</option>
        {children.map(({ value: each, text }) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function RunTable({
  runs,
  waiting,
}: {
  readonly runs: readonly RunView[];
  readonly waiting: Lately['waiting'];
}): JSX.Element {
  const [at, setAt] = useState(-1);
  const { held } = usePlace();
  const now = useNow(runs.some(({ status }) => status === 'RUNNING') ? 1_000 : 20_000);
  const figures = useFigures(runs);
  const move = (step: number) => {
    const next = Math.min(runs.length - 1, Math.max(0, at + step));
    setAt(next);
    document.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  useKeys([
    { keys: ['j'], does: 'down', run: () => move(1) },
    { keys: ['k'], does: 'up', run: () => move(-1) },
    { keys: ['Enter'], does: 'open', run: () => at >= 0 && go(`/runs/${runs[at]?.execution_id}`) },
  ]);
  return (
    <table class="runs">
      <thead>
        <tr>
          <th>Status</th>
          <th>Run</th>
          <th class="num">Started</th>
          <th class="num">Duration</th>
          <th class="num">Cost</th>
          <th>Largest transition</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run, row) => (
          <RunRow
            key={run.execution_id}
            {...{ run, row, now, held }}
            selected={row === at}
            question={waiting.get(run.execution_id)}
            figures={figures.get(run.execution_id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({
  run,
  row,
  now,
  held,
  selected,
  question,
  figures,
}: {
  readonly run: RunView;
  readonly row: number;
  readonly now: number;
  readonly held: boolean;
  readonly selected: boolean;
  readonly question: string | undefined;
  readonly figures: Figures | undefined;
}): JSX.Element {
  const standing = standingOf(run, { held, waits: question !== undefined });
  const { text, tone } = aboutRun(run, { standing, question, figures });
  const took = (run.ended_at === null ? now : Date.parse(run.ended_at)) - Date.parse(run.started_at);
  return (
    <tr data-row={row} class={selected ? 'sel' : ''} aria-current={selected ? 'true' : undefined}>
      <td class="s">
        <Status standing={standing} word={run.status === 'TIMED_OUT' ? 'Timed out' : undefined} />
      </td>
      <td class="r">
        <div class="l1">
          <a href={`/runs/${encodeURIComponent(run.execution_id)}`}>{run.execution_id}</a>
          <em class={tone}>
            <Text text={text} most={200} />
          </em>
        </div>
      </td>
      <td class="num when">
        <Ago time={run.started_at} now={now} />
      </td>
      <td class="num d">{standing === 'lost' ? '–' : durationText(took)}</td>
      <td class="num c">{figures ? moneyText(figures.costNano) : '…'}</td>
      <td class="by">{figures ? <ByteBar bytes={figures.largest} /> : '…'}</td>
    </tr>
  );
}

function Nothing({
  address,
  lately,
  searched,
}: {
  readonly address: URL;
  readonly lately: Lately | undefined;
  readonly searched: number | null;
}): JSX.Element {
  const place = usePlace();
  if (address.search === '')
    return (
      <Empty title={place.read_only ? `No runs of ${place.owner}` : 'No runs in this data directory'}>
        <p>Start an example: it takes a few seconds and needs no account.</p>
        <Command
          text={commandLine(place, [
            'run',
            'examples/agent-loop/workflow.json',
            '--input',
            'examples/agent-loop/input.json',
          ])}
        />
      </Empty>
    );
  const workflow = address.searchParams.get('workflow_id');
  const near =
    lately && workflow === null && lately.scanned > 0
      ? `There are ${plural(lately.scanned, 'run')} of the last 14 days. `
      : '';
  return (
    <Empty title="No run matches">
      <p>
        {searched === null ? '' : `${plural(searched, 'run')} were searched. `}
        {near}
      </p>
      <a class="btn sm" href="/runs">
        Clear filters
      </a>
    </Empty>
  );
}

function Pager({
  address,
  next,
  searched,
  count,
}: {
  readonly address: URL;
  readonly next: string | null;
  readonly searched: number | null;
  readonly count: number;
}): JSX.Element {
  const older = next === null ? null : withQuery(address, { next });
  return (
    <div class="pager">
      <span>
        {plural(count, 'run')}
        {searched === null ? '' : ` of ${searched} that were searched`}
      </span>
      <span class="grow" />
      {address.searchParams.has('next') && (
        <a class="btn sm" href={withQuery(address, { next: null })}>
          Newest
        </a>
      )}
      {older !== null && (
        <a class="btn sm" href={older}>
          {searched === null ? 'Older' : 'Search further'}
        </a>
      )}
    </div>
  );
}
