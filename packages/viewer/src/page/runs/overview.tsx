import type { JSX } from 'preact';
import { withQuery } from '../address.ts';
import { countText, percentText, spanText } from '../format.ts';
import { Status } from '../parts/status.tsx';
import { usePlace } from '../place.ts';
import type { DayCount, Lately } from './lately.ts';

/** Five counts, which are filters, and the runs of each day. */
export function Overview({
  lately,
  address,
}: {
  readonly lately: Lately | undefined;
  readonly address: URL;
}): JSX.Element {
  const { held } = usePlace();
  const only = (status: string) => withQuery(address, { status, next: null });
  const working = lately?.running.filter(({ execution_id }) => !lately.waiting.has(execution_id)) ?? [];
  const oldest = working.at(-1);
  const share =
    lately && lately.endedToday > 0 ? `, ${percentText(lately.succeededToday / lately.endedToday)}` : '';
  return (
    <div class="overview">
      <nav class="card tiles" aria-label="Runs by state">
        <a href={only('RUNNING')}>
          <Status standing="run" />
          <b>{held ? count(lately && working.length) : count(lately && 0)}</b>
          <small>
            {held && oldest
              ? `oldest ${spanText(Date.now() - Date.parse(oldest.started_at))}`
              : 'at the moment'}
          </small>
        </a>
        <a href="/approvals">
          <Status standing="wait" />
          <b>{count(lately?.waiting.size)}</b>
          <small>for a person</small>
        </a>
        <a href={only('FAILED')}>
          <Status standing="fail" />
          <b>{count(lately?.failedToday)}</b>
          <small>last 24 h, of {count(lately?.endedToday)}</small>
        </a>
        <a href={only('RUNNING')}>
          <Status standing="lost" />
          <b>{held ? count(lately && 0) : count(lately && working.length)}</b>
          <small>{held ? 'all are worked on' : 'nobody works on them'}</small>
        </a>
        <a href={only('SUCCEEDED')}>
          <Status standing="ok" />
          <b>{count(lately?.succeededToday)}</b>
          <small>last 24 h{share}</small>
        </a>
      </nav>
      <Days
        days={lately?.days ?? []}
        note={lately?.more === true ? `newest ${countText(lately.scanned)}` : ''}
      />
    </div>
  );
}

function count(value: number | undefined): string {
  return value === undefined ? '–' : countText(value);
}

const [WIDTH, HEIGHT, BASE] = [340, 58, 43];

/**
 * A bar a day; failures below the line, on a scale of their own, because few of many would not be seen
 * above.
 */
function Days({ days, note }: { readonly days: readonly DayCount[]; readonly note: string }): JSX.Element {
  const most = Math.max(1, ...days.map(({ all }) => all));
  const worst = Math.max(1, ...days.map(({ failed }) => failed));
  const step = WIDTH / Math.max(1, days.length);
  const total = days.reduce((sum, { all }) => sum + all, 0);
  const failures = days.reduce((sum, { failed }) => sum + failed, 0);
  return (
    <figure class="card spark">
      <figcaption>
        <h2>Runs a day</h2>
        <span class="dim">
          {note === '' ? `${days[0]?.day.slice(5) ?? ''} – ${days.at(-1)?.day.slice(5) ?? ''}` : note}
        </span>
        <span class="grow" />
        <span class="key all">all</span>
        <span class="key failed">failed</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${total} runs in 14 days, ${failures} failed. Failures have a scale of their own.`}
      >
        {days.map(({ day, all, failed }, index) => (
          <g key={day}>
            <title>
              {day}: {all} runs, {failed} failed
            </title>
            <rect
              class="all"
              x={index * step + 1}
              y={BASE - (all / most) * 38}
              width={step - 3}
              height={(all / most) * 38}
            />
            {failed > 0 && (
              <rect
                class="failed"
                x={index * step + 1}
                y={BASE + 1}
                width={step - 3}
                height={Math.max(2, (failed / worst) * 13)}
              />
            )}
          </g>
        ))}
        <line x1="0" x2={WIDTH} y1={BASE + 0.5} y2={BASE + 0.5} />
      </svg>
      <table class="sr">
        <caption>Runs of each day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">All</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ day, all, failed }) => (
            <tr key={day}>
              <td>{day}</td>
              <td>{all}</td>
              <td>{failed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
