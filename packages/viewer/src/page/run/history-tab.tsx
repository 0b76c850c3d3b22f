import type { JSX } from 'preact';
import { durationText, moneyText, plural } from '../format.ts';
import { Ago, Card } from '../parts/bits.tsx';
import { Status } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';
import type { RunData } from './run-data.ts';

const MOST = 500;

/** What the nodes did, oldest first. */
export function HistoryTab({ data, now }: { readonly data: RunData; readonly now: number }): JSX.Element {
  const shown = data.entries.slice(-MOST);
  return (
    <Card title="History" note={plural(data.entries.length, 'entry').replace('entrys', 'entries')}>
      {shown.length < data.entries.length && (
        <p class="pad dim">The newest {MOST} are shown; `show --history` prints all.</p>
      )}
      <div class="rows">
        <table class="history">
          <thead>
            <tr>
              <th>Node</th>
              <th>Status</th>
              <th>Segment</th>
              <th class="num">Began</th>
              <th class="num">Took</th>
              <th class="num">Cost</th>
              <th>Summary</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ id, node_id, segment_id, status, started_at, ended_at, usage, summary }) => (
              <tr key={id}>
                <td>
                  <a
                    class="mono"
                    href={`/runs/${encodeURIComponent(data.run.execution_id)}/graph?node=${encodeURIComponent(node_id)}`}
                  >
                    {node_id}
                  </a>
                </td>
                <td>
                  <Status
                    standing={status === 'FAILED' ? 'fail' : status === 'PAUSED' ? 'wait' : 'ok'}
                    word={status.toLowerCase()}
                  />
                </td>
                <td class="mono">{segment_id}</td>
                <td class="num">
                  <Ago time={started_at} now={now} />
                </td>
                <td class="num">{durationText(Date.parse(ended_at) - Date.parse(started_at))}</td>
                <td class="num">{usage ? moneyText(usage.cost_nano_usd) : ''}</td>
                <td>
                  <Text text={summary ?? ''} most={300} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
