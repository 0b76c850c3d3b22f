import type { RunDetail, StateView } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../ask.ts';
import { bytesText, countText, durationText, moneyText, plural } from '../format.ts';
import { Broken, Card, Command, Skeleton } from '../parts/bits.tsx';
import { Text } from '../parts/text.tsx';
import { commandLine, usePlace } from '../place.ts';
import { useAsked } from '../use-asked.ts';
import { changesOf, type FieldChange, readState } from './state-fields.ts';
import { Brief, FieldName, FieldValue } from './state-view.tsx';

interface Side {
  readonly run: RunDetail;
  readonly state: StateView;
}

async function readSide(id: string): Promise<Side> {
  const [run, state] = await Promise.all([
    ask<RunDetail>(`/api/runs/${encodeURIComponent(id)}`),
    readState(id, null),
  ]);
  return { run, state };
}

/** A fork beside the run that it shares the past with: how both ended, and the fields that differ. */
export function DiffTab({
  run,
  parent,
  version,
}: {
  readonly run: string;
  readonly parent: string;
  readonly version: string;
}): JSX.Element {
  const place = usePlace();
  const { value, error, slow, again } = useAsked(
    `diff ${parent} ${run}`,
    () => Promise.all([readSide(parent), readSide(run)]),
    version,
  );
  if (error) return <Broken what="The two runs could not be compared" error={error} again={again} />;
  if (!value) return <div class="card">{slow && <Skeleton />}</div>;
  const [left, right] = value;
  const changes = changesOf(left.state.fields, right.state.fields).filter(({ change }) => change !== 'same');
  const same = right.state.fields.length - changes.filter(({ change }) => change !== 'gone').length;
  return (
    <Card title="Beside the run it was forked from" note={`${plural(same, 'field')} alike`}>
      <div class="pad">
        <Ends left={left} right={right} />
        {!place.read_only && <Command text={commandLine(place, ['diff', parent, run])} />}
      </div>
      {changes.length === 0 ? (
        <p class="pad dim">Both have the same state.</p>
      ) : (
        <Differences run={run} parent={parent} changes={changes} />
      )}
    </Card>
  );
}

function Ends({ left, right }: { readonly left: Side; readonly right: Side }): JSX.Element {
  const rows: readonly (readonly [string, (side: Side) => string])[] = [
    ['Ended as', ({ run }) => `${run.status.toLowerCase()}${run.error === null ? '' : `: ${run.error}`}`],
    ['Took', ({ run }) => tookText(run)],
    ['Model calls, those that are shared included', ({ state }) => countText(state.usage?.llm_calls ?? 0)],
    ['Cost of these', ({ state }) => moneyText(state.usage?.cost_nano_usd ?? 0)],
  ];
  return (
    <table class="fields" aria-label="How both ended">
      <thead>
        <tr>
          <th>What</th>
          <th>
            <a href={`/runs/${encodeURIComponent(left.run.execution_id)}`}>the run</a>
          </th>
          <th>this fork</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([what, of]) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>
              <Text text={of(left)} />
            </td>
            <td>
              <Text text={of(right)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function tookText({ started_at, ended_at }: RunDetail): string {
  return ended_at === null ? 'goes on' : durationText(Date.parse(ended_at) - Date.parse(started_at));
}

function Differences({
  run,
  parent,
  changes,
}: {
  readonly run: string;
  readonly parent: string;
  readonly changes: readonly FieldChange[];
}): JSX.Element {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <table class="fields" aria-label="Fields that differ">
      <thead>
        <tr>
          <th>Field</th>
          <th>In the run</th>
          <th>In this fork</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, change }) => (
          <tr key={field.name}>
            <td>
              <FieldName name={field.name} open={open} setOpen={setOpen} />
            </td>
            <td>
              {before === undefined ? (
                <span class="added">not there</span>
              ) : open === field.name ? (
                <FieldValue run={parent} at={null} field={before} />
              ) : (
                <Brief field={before} />
              )}{' '}
              {before && <span class="dim">{bytesText(before.bytes)}</span>}
            </td>
            <td>
              {change === 'gone' ? (
                <span class="gone">not there</span>
              ) : open === field.name ? (
                <FieldValue run={run} at={null} field={field} />
              ) : (
                <Brief field={field} />
              )}{' '}
              {change !== 'gone' && <span class="dim">{bytesText(field.bytes)}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
