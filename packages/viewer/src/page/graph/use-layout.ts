import { useEffect, useState } from 'preact/hooks';
import type { Layout, LayoutAsked } from './layout.ts';

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, (layout: Layout) => void>();
/** Laid out once for each definition; states only change classes. */
const kept = new Map<string, Layout>();
const MOST_KEPT = 50;

function layoutApart(question: LayoutAsked): Promise<Layout> {
  worker ??= started();
  asked += 1;
  const id = asked;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker?.postMessage({ id, asked: question });
  });
}

function started(): Worker {
  const made = new Worker('/layout-worker.js', { type: 'module' });
  made.addEventListener('message', ({ data }: MessageEvent<{ id: number; layout: Layout }>) => {
    waiting.get(data.id)?.(data.layout);
    waiting.delete(data.id);
  });
  return made;
}

/** The layout of a graph, as soon as it is there; the one before until then. */
export function useLayout(question: LayoutAsked | undefined): Layout | undefined {
  const [layout, setLayout] = useState<Layout | undefined>();
  const name = question === undefined ? '' : JSON.stringify(question);
  useEffect(() => {
    if (question === undefined) return;
    const known = kept.get(name);
    if (known) return setLayout(known);
    let current = true;
    void layoutApart(question).then((made) => {
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(name, made);
      if (current) setLayout(made);
    });
    return () => {
      current = false;
    };
  }, [name]);
  return layout;
}
