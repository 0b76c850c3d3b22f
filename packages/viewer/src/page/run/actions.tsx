import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../ask.ts';
import { Broken, Command } from '../parts/bits.tsx';
import { commandLine, usePlace } from '../place.ts';

/** A button that changes a run: it asks once, says what was refused, and has its command beside it. */
export function ActionButton({
  text,
  sure,
  primary = false,
  disabled = false,
  act,
}: {
  readonly text: string;
  /** What is asked before it is done. */
  readonly sure: string;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly act: () => Promise<unknown>;
}): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { read_only } = usePlace();
  const run = () => {
    setBusy(true);
    setError(undefined);
    act()
      .catch(setError)
      .finally(() => {
        setBusy(false);
        setAsking(false);
      });
  };
  if (error) return <Broken what={`${text}: refused`} error={error} again={run} />;
  if (asking)
    return (
      <span class="meta">
        {sure}
        <button type="button" class="btn pri" disabled={busy} onClick={run}>
          {text}
        </button>
        <button type="button" class="btn" onClick={() => setAsking(false)}>
          Leave it
        </button>
      </span>
    );
  return (
    <button
      type="button"
      class={`btn${primary ? ' pri' : ''}`}
      disabled={disabled || read_only || busy}
      title={read_only ? 'This stage is shown, not changed: use the command' : undefined}
      onClick={() => setAsking(true)}
    >
      {text}
    </button>
  );
}

export function CancelButton({ run }: { readonly run: string }): JSX.Element {
  return (
    <ActionButton
      text="Cancel run"
      sure="It ends with all its children."
      act={() => post(run, 'cancel', {})}
    />
  );
}

export function post(run: string, verb: string, body: object): Promise<unknown> {
  return ask(`/api/runs/${encodeURIComponent(run)}/${verb}`, { body });
}

/** One thing to do about a run: button, effect, command. */
export function Action({
  button,
  effect,
  words,
}: {
  readonly button: ComponentChildren;
  readonly effect: string;
  readonly words: readonly string[] | null;
}): JSX.Element {
  const place = usePlace();
  return (
    <li>
      <div class="a">
        {button}
        <p>{effect}</p>
      </div>
      {words && <Command text={commandLine(place, words)} />}
    </li>
  );
}
