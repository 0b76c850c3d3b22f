import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { plural } from '../format.ts';
import { CopyButton } from './bits.tsx';
import { Text } from './text.tsx';
import { found, linesOf, type ValueLine } from './value-lines.ts';

const ROW = 20;
const MORE = 20;
const HEIGHT = 420;

/**
 * A value of any size as a tree: only the lines that are seen are drawn. Search, and the path of a line to
 * copy.
 */
export function ValueTree({ value, name }: { readonly value: unknown; readonly name: string }): JSX.Element {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(['']));
  const [top, setTop] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [text, setText] = useState('');
  const pane = useRef<HTMLDivElement>(null);
  const hits = useMemo(() => (text.length < 2 ? undefined : found(value, text)), [value, text]);
  const open = useMemo(() => new Set([...opened, ...(hits?.around ?? [])]), [opened, hits]);
  const lines = useMemo(() => linesOf(value, open), [value, open]);
  const marked = new Set(hits?.hits);
  const toggle = ({ path, open: isOpen }: ValueLine) => {
    if (isOpen === null) return;
    const next = new Set(open);
    if (isOpen) next.delete(path);
    else next.add(path);
    setOpened(next);
  };
  const line = lines[chosen];
  const choose = (index: number) => {
    const next = Math.min(lines.length - 1, Math.max(0, index));
    setChosen(next);
    const view = pane.current;
    if (!view) return;
    if (next * ROW < view.scrollTop) view.scrollTop = next * ROW;
    if ((next + 1) * ROW > view.scrollTop + view.clientHeight)
      view.scrollTop = (next + 1) * ROW - view.clientHeight;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') choose(chosen + 1);
    else if (event.key === 'ArrowUp') choose(chosen - 1);
    else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft' || event.key === 'Enter') && line)
      toggle(line);
    else return;
    event.preventDefault();
  };
  const first = Math.max(0, Math.floor(top / ROW) - MORE);
  const shown = lines.slice(first, first + Math.ceil(HEIGHT / ROW) + 2 * MORE);
  return (
    <>
      <div class="tree-bar">
        <input
          type="search"
          aria-label={`Search in ${name}`}
          placeholder="Search in this value"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="dim" role="status">
          {hits ? plural(hits.hits.length, 'place') : plural(lines.length, 'line')}
        </span>
        <span class="grow" />
        {line && line.path !== '' && (
          <>
            <code>
              <Text text={line.path} most={60} />
            </code>
            <CopyButton text={line.path} label="Copy path" />
          </>
        )}
      </div>
      <div
        class="tree"
        ref={pane}
        tabIndex={0}
        role="application"
        aria-label={`${name}: arrows move, right and left open and close. ${line ? `${line.name} ${line.text.slice(0, 200)}` : ''}`}
        onKeyDown={onKeyDown}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div class="spacer" style={{ height: `${lines.length * ROW}px` }}>
          {shown.map((each, index) => (
            <Line
              key={each.path}
              line={each}
              top={(first + index) * ROW}
              state={marked.has(each.path) ? 'hit' : first + index === chosen ? 'sel' : ''}
              onChoose={() => {
                setChosen(first + index);
                toggle(each);
              }}
            />
          ))}
        </div>
      </div>
    </>
  );
}

function Line({
  line: { name, depth, text, kind, open },
  top,
  state,
  onChoose,
}: {
  readonly line: ValueLine;
  readonly top: number;
  readonly state: string;
  readonly onChoose: () => void;
}): JSX.Element {
  return (
    <div
      class={`tr ${state}`}
      style={{ top: `${top}px`, paddingLeft: `${8 + depth * 14}px` }}
      onClick={onChoose}
      aria-hidden="true"
    >
      <span class="pad0">{open === null ? '' : open ? '▾' : '▸'}</span>
      {name !== '' && (
        <span class="k">
          <Text text={name} most={80} />
        </span>
      )}
      <span class={`v ${kind}`}>
        {kind === 'text' ? (
          <>
            "<Text text={text} most={300} />"
          </>
        ) : (
          <Text text={text} most={300} />
        )}
      </span>
    </div>
  );
}
