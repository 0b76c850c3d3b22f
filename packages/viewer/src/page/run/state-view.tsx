import type { StateField } from '@statebag/contracts/schemas/api';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go, withQuery } from '../address.ts';
import { bytesText } from '../format.ts';
import { Broken, Card, Section, Skeleton } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Text } from '../parts/text.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { useAsked } from '../use-asked.ts';
import { changesOf, type FieldChange, readField, readState } from './state-fields.ts';
import type { Transition } from './transitions.ts';

/** The state after a result beside the state before it; values open when they are chosen. */
export function StateTab({
  address,
  run,
  transitions,
  version,
}: {
  readonly address: URL;
  readonly run: string;
  readonly transitions: readonly Transition[];
  readonly version: string;
}): JSX.Element {
  const bags = transitions.filter(({ sealed }) => sealed !== null);
  const wanted = address.searchParams.get('bag');
  const index = wanted === null ? bags.length - 1 : bags.findIndex(({ sealed }) => sealed === wanted);
  const [at, before] = [bags[index]?.sealed ?? null, bags[index - 1]?.sealed ?? null];
  const after = useAsked(`after ${at}`, () => readState(run, at), at === null ? version : '');
  const earlier = useAsked(before, () => readState(run, before));
  const show = (next: number) =>
    go(withQuery(address, { bag: bags[next]?.sealed ?? null }), { replace: true });
  const tools = (
    <>
      <button type="button" class="btn sm" disabled={index <= 0} onClick={() => show(index - 1)}>
        Before
      </button>
      <span class="dim">
        state {Math.max(0, index)} of {Math.max(0, bags.length - 1)}
        {bags[index]?.segment ? `, after ${bags[index].segment}` : ''}
      </span>
      <button
        type="button"
        class="btn sm"
        disabled={index >= bags.length - 1}
        onClick={() => show(index + 1)}
      >
        After
      </button>
    </>
  );
  const bytes = after.value ? `${bytesText(after.value.bag_bytes)} in the bag` : undefined;
  return (
    <Card title="State" note={bytes} tools={tools}>
      {after.error ? (
        <Broken what="The state could not be read" error={after.error} again={after.again} />
      ) : after.value === undefined || (before !== null && earlier.value === undefined && !earlier.error) ? (
        after.slow && <Skeleton />
      ) : (
        <Fields
          run={run}
          at={at}
          before={before}
          changes={changesOf(before === null ? [] : (earlier.value?.fields ?? []), after.value.fields)}
        />
      )}
    </Card>
  );
}

const CHANGES = { added: '+ new', changed: '± changed', gone: '− gone', same: '' } as const;

function Fields({
  run,
  at,
  before,
  changes,
}: {
  readonly run: string;
  readonly at: string | null;
  readonly before: string | null;
  readonly changes: readonly FieldChange[];
}): JSX.Element {
  const [open, setOpen] = useState<string | null>(null);
  if (changes.length === 0) return <p class="pad dim">The state has no fields yet.</p>;
  return (
    <table class="fields">
      <thead>
        <tr>
          <th>Field</th>
          <th>Since the state before</th>
          <th class="num">Size</th>
          <th>Value</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, change, before: earlier }) => (
          <tr key={field.name}>
            <td>
              <FieldName name={field.name} open={open} setOpen={setOpen} />
            </td>
            <td class={change === 'added' ? 'added' : change === 'gone' ? 'gone' : 'dim'}>
              {CHANGES[change]}
              {change === 'changed' && earlier && <span class="dim"> was {bytesText(earlier.bytes)}</span>}
            </td>
            <td class="num">
              {bytesText(field.bytes)}
              {field.stored && (
                <span class="dim" title={`In S3; the bag has a pointer of ${bytesText(field.bag_bytes)}`}>
                  {' '}
                  in S3
                </span>
              )}
            </td>
            <td>
              {open === field.name ? (
                <>
                  {change === 'changed' && (
                    <>
                      <h3>Before</h3>
                      <FieldValue run={run} at={before} field={{ ...field, ...earlier }} />
                      <h3>After</h3>
                    </>
                  )}
                  <FieldValue run={run} at={change === 'gone' ? before : at} field={field} />
                </>
              ) : (
                <Brief field={field} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The beginning of a value, or what stands for it. */
export function Brief({ field }: { readonly field: StateField }): JSX.Element {
  if (!('value' in field))
    return (
      <span class="t-accent">
        ▸ {bytesText(field.bytes)}
        {field.stored ? ' in S3' : ''}
      </span>
    );
  return (
    <code>
      <Text text={JSON.stringify(field.value)} most={160} />
    </code>
  );
}

/** A field of the state with its value, as a part of a panel. */
export function FieldSection(props: {
  readonly run: string;
  readonly at: string | null;
  readonly field: StateField;
}): JSX.Element {
  const { name, bytes, stored } = props.field;
  return (
    <Section title={name} note={`${bytesText(bytes)}${stored ? ' in S3' : ''}`}>
      <FieldValue {...props} />
    </Section>
  );
}

/** A value of anything as text, or as a tree. */
export function AnyValue({ value, name }: { readonly value: unknown; readonly name: string }): JSX.Element {
  return typeof value === 'string' ? (
    <pre class="code">
      <Text text={value} />
    </pre>
  ) : (
    <ValueTree value={value} name={name} />
  );
}

/** The name of a field of a table, at a press of which its value opens in its row. */
export function FieldName({
  name,
  open,
  setOpen,
}: {
  readonly name: string;
  /** The field that is open. */
  readonly open: string | null;
  readonly setOpen: (name: string | null) => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="btn sm"
      aria-expanded={open === name}
      onClick={() => setOpen(open === name ? null : name)}
    >
      <code>
        <Text text={name} most={80} />
      </code>
    </button>
  );
}

/**
 * A value as a tree; one that is not here yet is loaded, and of one that is too large the beginning is
 * shown.
 */
export function FieldValue({
  run,
  at,
  field,
}: {
  readonly run: string;
  readonly at: string | null;
  readonly field: StateField;
}): JSX.Element {
  const here = 'value' in field;
  const { value, error, again } = useAsked(here ? null : `${at} ${field.name}`, () =>
    readField(run, at, field.name),
  );
  if (error) return <Broken what={`${field.name} could not be read`} error={error} again={again} />;
  const loaded = here ? field : value;
  if (!loaded) return <Skeleton rows={3} />;
  if (!('value' in loaded))
    return (
      <>
        <p class="dim">
          <Icon name="stored" /> {bytesText(loaded.bytes)}, too large to be shown: the first{' '}
          {bytesText(loaded.head?.length ?? 0)} of its text.
        </p>
        <pre class="code">
          <Text text={loaded.head ?? ''} />
          <span class="cut"> … cut here</span>
        </pre>
      </>
    );
  return <AnyValue value={loaded.value} name={field.name} />;
}
