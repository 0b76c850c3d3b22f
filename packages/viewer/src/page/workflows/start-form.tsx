import type { RunDefinition, RunTrace, RunView } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../address.ts';
import { ask } from '../ask.ts';
import type { DocumentNode } from '../graph/graph-of-workflow.ts';
import { Broken, Card, Command } from '../parts/bits.tsx';
import { commandLine, usePlace } from '../place.ts';
import { readState } from '../run/state-fields.ts';
import { begunAt } from '../run/transitions.ts';

/** Starts a run of a definition, with a field of the form for each field of its input. */
export function StartForm({
  definition: { workflow, manifest },
  newest,
}: {
  readonly definition: RunDefinition;
  readonly newest: RunView;
}): JSX.Element {
  const place = usePlace();
  const names = inputFields(workflow);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const during = (work: Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    work.catch(setError).finally(() => setBusy(false));
  };
  const start = async () => {
    const input = inputOf(texts, names);
    const { workflow_id, definition_id } = newest;
    const run = await ask<RunView>('/api/runs', { body: { workflow_id, definition_id, input } });
    go(`/runs/${encodeURIComponent(run.execution_id)}`);
  };
  return (
    <Card
      title="Start a run"
      note={`${manifest.name} ${manifest.version}`}
      tools={
        <button
          type="button"
          class="btn sm"
          disabled={busy}
          onClick={() => during(inputOfRun(newest.execution_id).then(setTexts))}
        >
          Input of the newest run
        </button>
      }
    >
      <form
        class="pad form"
        onSubmit={(event) => {
          event.preventDefault();
          during(start());
        }}
      >
        {(names ?? [WHOLE]).map((name) => (
          <div class="field" key={name}>
            <label class="fl" for={`input-${name}`}>
              {name === WHOLE ? 'Input, a JSON object' : name}{' '}
              <span class="dim">{name === WHOLE ? '' : 'JSON; a text in quotes'}</span>
            </label>
            <textarea
              id={`input-${name}`}
              spellcheck={false}
              value={texts[name] ?? ''}
              onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
            />
          </div>
        ))}
        {error !== undefined && error !== null && <Broken what="No run was started" error={error} />}
        <p>
          <button type="submit" class="btn pri" disabled={busy || place.read_only}>
            Start
          </button>{' '}
          {place.read_only && <span class="dim">This stage is shown, not changed.</span>}
        </p>
        <Command text={commandLine(place, ['run', `${manifest.name}.json`, '--input', 'input.json'])} />
      </form>
    </Card>
  );
}

/** A workflow whose input has no named fields takes any object. */
const WHOLE = '';

/** Fields that the input nodes of a document name; nothing where they name none. */
function inputFields(workflow: object): string[] | undefined {
  const { nodes = [] }: { readonly nodes?: readonly DocumentNode[] } = workflow;
  const named = nodes.filter(({ type }) => type === 'input').flatMap(({ config }) => config['fields'] ?? []);
  const fields = [...new Set(named.filter((name) => typeof name === 'string'))];
  return fields.length === 0 ? undefined : fields;
}

/** @throws Error naming the field that is not JSON */
function inputOf(texts: Readonly<Record<string, string>>, names: readonly string[] | undefined): object {
  if (!names) return objectIn(texts[WHOLE] ?? '');
  const given = names.filter((name) => (texts[name] ?? '').trim() !== '');
  return Object.fromEntries(given.map((name) => [name, jsonIn(name, texts[name] ?? '')]));
}

function objectIn(text: string): object {
  const value = jsonIn('input', text.trim() === '' ? '{}' : text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error('the input is not a JSON object');
}

function jsonIn(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a run was begun with: the fields of its first bag. */
async function inputOfRun(run: string): Promise<Record<string, string>> {
  const { executions } = await ask<RunTrace>(`/api/runs/${encodeURIComponent(run)}/trace`);
  const [first] = executions;
  const bag = first?.states.find(({ sealed }) => sealed);
  if (!first || !bag) throw new Error(`${run} has no state yet`);
  const at = begunAt(first.name, bag) ?? `${first.name}~${bag.exit_event}`;
  const { fields } = await readState(run, at);
  const missing = fields.filter((field) => !('value' in field)).map(({ name }) => name);
  if (missing.length > 0)
    throw new Error(`${missing.join(', ')} of ${run} is too large for a form: use the command`);
  const values = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  const texts = Object.entries(values).map(([name, value]) => [name, JSON.stringify(value, null, 2)]);
  return { ...Object.fromEntries(texts), [WHOLE]: JSON.stringify(values, null, 2) };
}
