import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AskError } from '../ask.ts';
import { agoText } from '../format.ts';
import { Icon } from './icon.tsx';
import { Text } from './text.tsx';

/** The time of day, again every so often: only what runs ticks fast. */
export function useNow(everyMs = 20_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A time, relative; the exact one in its title. */
export function Ago({ time, now }: { readonly time: string; readonly now: number }): JSX.Element {
  return (
    <time dateTime={time} title={time}>
      {agoText(time, now)}
    </time>
  );
}

/** A command to be pasted into a terminal. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="cmd">
      <code>
        <Text text={text} />
      </code>
      <CopyButton text={text} label="Copy command" />
    </div>
  );
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    });
  };
  return (
    <button type="button" class="ib" aria-label={done ? 'Copied' : label} title={label} onClick={copy}>
      <Icon name={done ? 'ok' : 'copy'} />
    </button>
  );
}

export function Card({
  title,
  note,
  tools,
  area = '',
  children,
}: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly area?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`card ${area}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span class="dim">{note}</span>}
        <span class="grow" />
        {tools}
      </header>
      {children}
    </section>
  );
}

/** A part of a panel. */
export function Section({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="sec">
      <header>
        <h3>{title}</h3>
        <span class="grow" />
        {note !== undefined && <span class="dim">{note}</span>}
      </header>
      {children}
    </div>
  );
}

/** A failed attempt in a list of them. */
export function FailedTry({
  error,
  what = '',
  at,
  cause,
  now,
}: {
  readonly error: string;
  readonly what?: string;
  readonly at: string;
  readonly cause: string;
  readonly now: number;
}): JSX.Element {
  return (
    <li class="t-fail">
      <Icon name="fail" />
      <b>
        <code>{error}</code> {what !== '' && <span class="dim">{what}</span>}
      </b>
      <Ago time={at} now={now} />
      <small>
        <Text text={cause} most={600} />
      </small>
    </li>
  );
}

/** Shapes of what is coming. */
export function Skeleton({ rows = 6 }: { readonly rows?: number }): JSX.Element {
  return (
    <div class="sk" role="status">
      <span class="sr">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <i key={row} />
      ))}
    </div>
  );
}

/** What failed to load, what mends it, and the button that tries again. One card breaks, not the page. */
export function Broken({
  what,
  error,
  again,
}: {
  readonly what: string;
  readonly error: unknown;
  readonly again?: () => void;
}): JSX.Element {
  const { code, message, mend } = told(error);
  return (
    <div class="void" role="alert">
      <Icon name="fail" />
      <h3>{what}</h3>
      <p>
        <code>{code}</code> <Text text={message} />
      </p>
      {mend !== '' && <p>{mend}</p>}
      {again && (
        <button type="button" class="btn sm" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

function told(error: unknown): { code: string; message: string; mend: string } {
  if (error instanceof AskError) return error;
  if (error instanceof TypeError)
    return {
      code: 'No answer',
      message: 'The process that serves this page does not answer.',
      mend: 'Start statebag dev or statebag ui again; the page goes on by itself.',
    };
  if (error instanceof Error) return { code: 'Not possible', message: error.message, mend: '' };
  return { code: 'Unexpected', message: String(error), mend: 'Load the page again.' };
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="void">
      <Icon name="start" />
      <h3>{title}</h3>
      {children}
    </div>
  );
}
