import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A key of a page, or two one after the other: `g r`. */
export interface Key {
  readonly keys: readonly string[];
  readonly does: string;
  readonly run: () => void;
}

export type KeyTable = readonly Key[];

const tables = new Set<RefObject<KeyTable>>();
const watchers = new Set<() => void>();
let before = '';
let forget: ReturnType<typeof setTimeout> | undefined;

function tell(): void {
  for (const watcher of watchers) watcher();
}

/**
 * Makes keys work, and names them below the page, as long as the component is there. What they do is
 * exchanged before the next event: after a paint would be too late for the second of two keys that are
 * pressed at once.
 */
export function useKeys(table: KeyTable): void {
  const held = useRef(table);
  const names = table.map(({ keys, does }) => `${keys.join(' ')} ${does}`).join('\n');
  useLayoutEffect(() => {
    held.current = table;
  });
  useLayoutEffect(() => {
    tables.add(held);
    tell();
    return () => {
      tables.delete(held);
      tell();
    };
  }, [names]);
}

function keysNow(): readonly KeyTable[] {
  return [...tables].map(({ current }) => current);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
  const pressed = before === '' ? event.key : `${before} ${event.key}`;
  before = '';
  clearTimeout(forget);
  const found = keysNow()
    .toReversed()
    .flat()
    .find(({ keys }) => keys.includes(pressed));
  if (found) {
    event.preventDefault();
    found.run();
  } else if (
    keysNow()
      .flat()
      .some(({ keys }) => keys.some((key) => key.startsWith(`${event.key} `)))
  ) {
    before = event.key;
    forget = setTimeout(() => {
      before = '';
    }, 1_200);
  }
}

/** Whoever types means a letter, and Enter on a link or a button means that one. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input, textarea, select, [contenteditable]')) return true;
  return key === 'Enter' && target.closest('a, button') !== null;
}

/** The keys of the page below it, and all of them behind `?`. */
export function Keys({ everywhere }: { readonly everywhere: KeyTable }): JSX.Element {
  const [, setTold] = useState(0);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const look = () => setTold((told) => told + 1);
    watchers.add(look);
    look();
    document.addEventListener('keydown', onKey);
    return () => {
      watchers.delete(look);
      document.removeEventListener('keydown', onKey);
    };
  }, []);
  const help = { keys: ['?'], does: 'all keys', run: () => setOpen(!open) };
  useKeys([help]);
  const page = keysNow()
    .filter((table) => table !== everywhere)
    .flat();
  const shown = (open ? [...page, ...everywhere] : page).filter(({ does }) => does !== '');
  return (
    <footer class="keys">
      {shown.map(({ keys, does }) => (
        <span key={does}>
          {keys.map((key) => (
            <kbd key={key}>{key.replace('Enter', '↵')}</kbd>
          ))}{' '}
          {does}
        </span>
      ))}
    </footer>
  );
}
