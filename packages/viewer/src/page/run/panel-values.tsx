import type { JSX } from 'preact';
import { withQuery } from '../address.ts';
import { Broken, Section, Skeleton } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { useAsked } from '../use-asked.ts';
import type { NodeProps } from './node-props.ts';
import { readState } from './state-fields.ts';
import { FieldSection } from './state-view.tsx';
import { namedBy } from './written-node.ts';

/** Bags around the segment of a node: the one it saw, and the one its result went into. */
function bagsAround({ transitions, node }: NodeProps): { before: string | null; after: string | null } {
  const last = node.entries.at(-1);
  const bags = transitions.filter(({ sealed }) => sealed !== null);
  if (!last) return { before: null, after: null };
  const before = bags.findLast(({ at }) => at <= last.started_at);
  const after =
    bags.find(({ at, segment }) => at >= last.ended_at && segment === last.segment_id) ??
    bags.find(({ at }) => at >= last.ended_at);
  return { before: before?.sealed ?? null, after: after?.sealed ?? null };
}

function useStates(props: NodeProps) {
  const { before, after } = bagsAround(props);
  const run = props.data.run.execution_id;
  const version = String(props.data.executions.at(0)?.events ?? 0);
  const saw = useAsked(`saw ${run} ${before}`, () => readState(run, before), before === null ? version : '');
  const left = useAsked(`left ${run} ${after}`, () => readState(run, after), after === null ? version : '');
  return { run, before, after, saw, left };
}

export function ReadsAndWrites(props: NodeProps): JSX.Element | null {
  const { written, address, node } = props;
  const { saw } = useStates(props);
  const reads = written ? namedBy([written.config], saw.value?.fields ?? []) : [];
  const wrote = written?.output_key ?? null;
  if (reads.length === 0 && wrote === null) return null;
  const chip = (tab: string, text: string, stored: boolean) => (
    <a key={text} class="chip" href={withQuery(address, { tab, node: node.id })}>
      {text} {stored && <Icon name="stored" />}
    </a>
  );
  return (
    <Section title="Read and wrote">
      <div class="chips">
        {reads.map(({ name, stored }) => chip('input', `← ${name}`, stored))}
        {wrote !== null && chip('answer', `→ ${wrote}`, false)}
      </div>
    </Section>
  );
}

/** What a node saw of the state, or what it left there. */
export function Values(props: NodeProps & { readonly which: 'input' | 'answer' }): JSX.Element {
  const { written, which, node } = props;
  const { run, before, after, saw, left } = useStates(props);
  const asked = which === 'input' ? saw : left;
  if (asked.error)
    return <Broken what="The state could not be read" error={asked.error} again={asked.again} />;
  if (!asked.value) return <Skeleton rows={4} />;
  const { fields: all } = asked.value;
  const fields =
    which === 'input'
      ? namedBy(written ? [written.config] : [], all)
      : all.filter(({ name }) => name === written?.output_key);
  if (node.entries.length === 0) return <p class="pad dim">It has not run.</p>;
  if (fields.length === 0)
    return (
      <p class="pad dim">
        {which === 'input'
          ? 'Its expressions name no field of the state.'
          : 'It left no field of its own in the state.'}
      </p>
    );
  return (
    <>
      {fields.map((field) => (
        <FieldSection key={field.name} run={run} at={which === 'input' ? before : after} field={field} />
      ))}
    </>
  );
}
