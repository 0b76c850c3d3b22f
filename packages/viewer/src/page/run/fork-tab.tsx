import type { RunDefinition } from '@statebag/contracts/schemas/api';
import type { ForkPlan, ForkReply } from '@statebag/contracts/schemas/fork-request';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../address.ts';
import { ask } from '../ask.ts';
import { Broken, Card, Command } from '../parts/bits.tsx';
import { Text } from '../parts/text.tsx';
import { commandLine, usePlace } from '../place.ts';
import { bodyOf, type ForkWish, planRows, sureText, wordsOf } from './fork-wish.ts';

const NOTHING: ForkWish = { file: null, at: '', set: '' };

/** A new run that shares the past of this one: what it is to be, what that repeats, and the button that begins it. */
export function ForkTab({
  run,
  definition,
}: {
  readonly run: string;
  readonly definition: RunDefinition;
}): JSX.Element {
  const place = usePlace();
  const [wish, setWish] = useState(NOTHING);
  const [plan, setPlan] = useState<ForkPlan | null>(null);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (more: Partial<ForkWish>) => {
    setWish({ ...wish, ...more });
    setPlan(null);
    setError(undefined);
  };
  const during = (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    work()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const asked = (more: object) =>
    ask<ForkReply>(`/api/runs/${encodeURIComponent(run)}/fork`, { body: { ...bodyOf(wish), ...more } });
  const look = async () => setPlan((await asked({ dry_run: true })).plan);
  const begin = async () => {
    const { fork } = await asked({});
    if (fork) go(`/runs/${encodeURIComponent(fork.execution_id)}/graph`);
  };
  return (
    <Card title="Fork this run" note="a new run that shares what this one has done">
      <form
        class="pad form"
        onSubmit={(event) => {
          event.preventDefault();
          during(plan ? begin : look);
        }}
      >
        <Wished wish={wish} change={change} definition={definition} />
        {error !== undefined && error !== null && <Broken what="There is no such fork" error={error} />}
        {plan && <Plan plan={plan} />}
        <p class="meta">
          {plan && <span>{sureText(plan)}</span>}
          <button type="submit" class="btn pri" disabled={busy || place.read_only}>
            {plan ? 'Fork' : 'Say what it repeats'}
          </button>
          {plan && (
            <button type="button" class="btn" onClick={() => change({})}>
              Leave it
            </button>
          )}
          {place.read_only && <span class="dim">This stage is shown, not changed.</span>}
        </p>
        <Command text={commandLine(place, wordsOf(run, wish))} />
      </form>
    </Card>
  );
}

function Wished({
  wish,
  change,
  definition,
}: {
  readonly wish: ForkWish;
  readonly change: (more: Partial<ForkWish>) => void;
  readonly definition: RunDefinition;
}): JSX.Element {
  const nodes = definition.manifest.segments.flatMap((segment) => segment.nodes);
  const read = async (file: File | undefined) =>
    change({ file: file === undefined ? null : { name: file.name, text: await file.text() } });
  return (
    <>
      <div class="field">
        <label class="fl" for="fork-workflow">
          Edited workflow <span class="dim">a JSON file; that of the run without one</span>
        </label>
        <input
          id="fork-workflow"
          type="file"
          accept=".json,application/json"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </div>
      <div class="field">
        <label class="fl" for="fork-at">
          Begin no later than at <span class="dim">the segment of this node</span>
        </label>
        <select id="fork-at" value={wish.at} onChange={(event) => change({ at: event.currentTarget.value })}>
          <option value="">where the edit begins</option>
          {nodes.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label class="fl" for="fork-set">
          Fields to set there <span class="dim">a JSON object</span>
        </label>
        <textarea
          id="fork-set"
          spellcheck={false}
          placeholder={'{ "topic": "tea" }'}
          value={wish.set}
          onInput={(event) => change({ set: event.currentTarget.value })}
        />
      </div>
    </>
  );
}

function Plan({ plan }: { readonly plan: ForkPlan }): JSX.Element {
  const { begins_at, changed, added, removed } = plan;
  const edits = [...changed, ...added.map((id) => `+ ${id}`), ...removed.map((id) => `− ${id}`)];
  return (
    <table class="fields" aria-label="What it repeats">
      <tbody>
        <tr>
          <th scope="row">Begins at</th>
          <td>
            <code>{begins_at}</code>
          </td>
        </tr>
        {edits.length > 0 && (
          <tr>
            <th scope="row">Edited</th>
            <td>
              <Text text={edits.join(', ')} most={400} />
            </td>
          </tr>
        )}
        {planRows(plan).map(({ what, nodes, cost }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>
              <Text text={nodes.join(', ')} most={400} /> <span class="dim">{cost}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
