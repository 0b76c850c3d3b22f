import type { ApprovalPage } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { About } from '../wire.ts';
import { go, onLinkClick, useAddress } from './address.ts';
import { ask } from './ask.ts';
import { spanText } from './format.ts';
import { Keys, type KeyTable, useKeys } from './keys.tsx';
import { useConnection, useLive } from './live.ts';
import { ApprovalsPage } from './pages/approvals.tsx';
import { ExecutionPage } from './pages/execution.tsx';
import { ExecutionsPage } from './pages/executions.tsx';
import { RunPage } from './pages/run.tsx';
import { RunsPage } from './pages/runs.tsx';
import { WorkflowsPage } from './pages/workflows.tsx';
import { Broken, Skeleton, useNow } from './parts/bits.tsx';
import { Icon } from './parts/icon.tsx';
import { Place } from './place.ts';
import { switchTheme } from './theme.ts';
import { useAsked } from './use-asked.ts';

const PAGES = [
  { path: '/runs', name: 'Runs' },
  { path: '/approvals', name: 'Approvals' },
  { path: '/workflows', name: 'Workflows' },
  { path: '/executions', name: 'Executions' },
] as const;

const EVERYWHERE: KeyTable = [
  { keys: ['g r'], does: 'runs', run: () => go('/runs') },
  { keys: ['g a'], does: 'approvals', run: () => go('/approvals') },
  { keys: ['g w'], does: 'workflows', run: () => go('/workflows') },
  { keys: ['g e'], does: 'executions', run: () => go('/executions') },
  { keys: ['t'], does: 'light or dark', run: switchTheme },
];

export function App(): JSX.Element {
  const { value: place, error, slow, again } = useAsked('about', () => ask<About>('/about'));
  const address = useAddress();
  useEffect(() => {
    document.addEventListener('click', onLinkClick);
    if (location.pathname === '/') go('/runs', { replace: true });
    return () => document.removeEventListener('click', onLinkClick);
  }, []);
  useKeys(EVERYWHERE);
  if (error) return <Alone>{<Broken what="Nothing can be shown" error={error} again={again} />}</Alone>;
  if (!place) return <Alone>{slow && <Skeleton rows={4} />}</Alone>;
  return (
    <Place.Provider value={place}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Top place={place} path={address.pathname} />
      <main id="main" tabIndex={-1}>
        <Lost />
        <Page address={address} />
      </main>
      <Keys everywhere={EVERYWHERE} />
    </Place.Provider>
  );
}

function Alone({ children }: { readonly children: JSX.Element | false }): JSX.Element {
  return (
    <main id="main">
      <h1 class="sr">Statebag</h1>
      <div class="card">{children}</div>
    </main>
  );
}

function Page({ address }: { readonly address: URL }): JSX.Element {
  const [, page = 'runs', id] = address.pathname.split('/');
  if (page === 'approvals') return <ApprovalsPage address={address} />;
  if (page === 'workflows') return <WorkflowsPage address={address} />;
  if (page === 'executions' && id !== undefined) return <ExecutionPage address={address} />;
  if (page === 'executions') return <ExecutionsPage address={address} />;
  if (id !== undefined && id !== '')
    return <RunPage key={id} address={address} run={decodeURIComponent(id)} />;
  return <RunsPage address={address} />;
}

function Top({ place, path }: { readonly place: About; readonly path: string }): JSX.Element {
  const { lostAt } = useConnection();
  const waiting = useWaiting();
  return (
    <header class="top">
      <a class="brand" href="/runs">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M3.5 7h13l-1.1 9.2a1.6 1.6 0 0 1-1.6 1.4H6.2a1.6 1.6 0 0 1-1.6-1.4z" class="bag" />
          <path d="M6.8 9.5V5.7a3.2 3.2 0 0 1 6.4 0v3.8" class="handle" />
        </svg>
        Statebag
      </a>
      <nav class="nav" aria-label="Pages">
        {PAGES.map(({ path: to, name }) => (
          <a key={to} href={to} aria-current={path.startsWith(to) ? 'page' : undefined}>
            {name}
            {to === '/approvals' && waiting > 0 && (
              <span class="count">
                {waiting}
                <span class="sr"> waiting</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <span class="grow" />
      <span class="where" title={`Runs of the owner ${place.owner}`}>
        <Icon name="stored" />
        {place.place}
      </span>
      <span
        class="live"
        title={lostAt === null ? 'Changes are shown as they happen' : 'The connection is lost'}
      >
        <i class={lostAt === null ? '' : 'off'} />
        <span class="tx">{lostAt === null ? 'Live' : 'Lost'}</span>
      </span>
      <button type="button" class="ib" aria-label="Light or dark" onClick={switchTheme}>
        <Icon name="theme" />
      </button>
    </header>
  );
}

/** How many questions wait, wherever the reader is. */
function useWaiting(): number {
  const version = useLive('');
  const { value } = useAsked(
    version === '' ? null : 'waiting',
    () => ask<ApprovalPage>('/api/approvals?status=RUNNING&limit=100'),
    version,
  );
  return (value?.approvals ?? []).filter(({ approval }) => approval.state === 'OPEN').length;
}

/** Says since when the page is old. */
function Lost(): JSX.Element | null {
  const { lostAt, retryAt, tryNow } = useConnection();
  const now = useNow(1_000);
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    if (lostAt === null) return setSince(null);
    // a server that is started again is back in a moment
    const timer = setTimeout(() => setSince(lostAt), 1_500);
    return () => clearTimeout(timer);
  }, [lostAt]);
  if (since === null || lostAt === null) return null;
  return (
    <div class="note wait" role="status">
      <Icon name="warn" />
      <span>
        <b>Connection lost {spanText(now - since)} ago.</b> What you see is from{' '}
        {new Date(since).toLocaleTimeString()}. Trying again in{' '}
        {spanText(Math.max(0, (retryAt ?? now) - now))}; nothing will be missed.
      </span>
      <span class="grow" />
      <button type="button" class="btn sm" onClick={tryNow}>
        Try now
      </button>
    </div>
  );
}
