import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { closeBrowser, HAS_BROWSER, openViewer, type ViewerPage } from '@statebag/cli/testing/browser';
import { serveViewer } from '@statebag/cli/viewer';
import { bundleViewer } from '@statebag/viewer';
import { atMost, type BenchRow, median } from './bench-row.ts';
import { type LargeRun, manyItems, manyNodes, manySegments } from './large-runs.ts';

const ROUNDS = 3;
const FRAMES = 120;

/**
 * The viewer in a real browser, over answers of the API that are made up and given at once: what is measured
 * is the server of the page and the page. @throws where there is no browser
 */
export async function suite(): Promise<BenchRow[]> {
  if (!HAS_BROWSER) throw new Error('the figures of the viewer are measured in chromium, which is not here');
  const segments = await opened(manySegments(5_000), '.row[data-node]', async (page) => {
    await page.find('.tb');
    return {};
  });
  const items = await opened(manyItems(10_000), '.strip svg path', async () => ({}));
  const nodes = await opened(manyNodes(500), '.cv .nd', measurePan);
  return [
    row('the page, compressed', 'KB', await bundleKb(), 130),
    row('layout of 500 nodes', 'ms', nodes.layout, 300),
    {
      ...row('pan over 500 nodes', 'frames a second', nodes.frames, 0),
      reference: nodes.still,
      reference_name: 'the same page while nothing moves: 60 where the machine does nothing else',
      ratio: nodes.frames / nodes.still,
      target: '>= 0.9x',
      holds: nodes.frames >= 0.9 * nodes.still,
    },
    row('a run with 5,000 segments opens', 'ms', segments.ms, 1_000),
    row('memory of the page with 5,000 segments', 'MB', segments.heap, 200),
    row('a run with 10,000 items opens', 'ms', items.ms, 1_000),
    row('memory of the page with 10,000 items', 'MB', items.heap, 200),
  ];
}

function row(figure: string, unit: string, ours: number, most: number): BenchRow {
  return atMost(most, { figure, unit, ours });
}

async function bundleKb(): Promise<number> {
  const files = await bundleViewer();
  return [...files.values()].reduce((sum, { body }) => sum + gzipSync(body).length, 0) / 1_024;
}

interface Opened {
  readonly ms: number;
  readonly heap: number;
  readonly layout: number;
  readonly frames: number;
  readonly still: number;
}

/** Opens a run several times, and takes the middle. */
async function opened(
  run: LargeRun,
  wanted: string,
  look: (page: ViewerPage) => Promise<Partial<Opened>>,
): Promise<Opened> {
  const { url, close } = await served(run);
  const page = await openViewer(url);
  try {
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      await page.go('/runs/large-run/graph');
      const ms = Number(await page.evaluate(APPEARS(wanted)));
      // the first time the server bundles the page
      if (round > 0) times.push(ms);
    }
    const more = await look(page);
    return { ms: median(times), heap: await page.heapMb(), layout: 0, frames: 0, still: 0, ...more };
  } finally {
    await closeBrowser();
    await close();
  }
}

/** Milliseconds from the beginning of the navigation until an element is drawn. */
const APPEARS = (selector: string) => `new Promise((resolve) => {
  const look = () => document.querySelector(${JSON.stringify(selector)})
    ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
  look();
})`;

/**
 * How long dagre takes in the worker, and how many frames are drawn while the graph moves below the window.
 */
async function measurePan(page: ViewerPage): Promise<Partial<Opened>> {
  const scope = JSON.stringify(scopeOf500());
  const layouts: number[] = [];
  const [frames, still]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    layouts.push(Number(await page.evaluate(LAYOUT(scope))));
    still.push(Number(await page.evaluate(FRAMES_WHILE(''))));
    frames.push(Number(await page.evaluate(FRAMES_WHILE(PAN))));
  }
  return { layout: median(layouts), frames: Math.max(...frames), still: Math.max(...still) };
}

function scopeOf500() {
  const { nodes, edges } = manyNodes(500).definition.workflow as { nodes: object[]; edges: object[] }; // made above
  return { scope: { nodes, edges }, folded: [], figures: {} };
}

const LAYOUT = (asked: string) => `new Promise((resolve) => {
  const worker = new Worker('/layout-worker.js', { type: 'module' });
  let began = 0;
  worker.onmessage = ({ data }) => {
    if (data.id === 2) { worker.terminate(); resolve(performance.now() - began); return; }
    began = performance.now();
    worker.postMessage({ id: 2, asked: ${asked} });
  };
  worker.postMessage({ id: 1, asked: { scope: { nodes: [], edges: [] }, folded: [], figures: {} } });
})`;

const PAN = `
    pane.scrollTop = (frames * 16) % Math.max(1, pane.scrollHeight - pane.clientHeight);
    pane.scrollLeft = (frames * 7) % Math.max(1, pane.scrollWidth - pane.clientWidth);`;

const FRAMES_WHILE = (work: string) => `new Promise((resolve) => {
  const pane = document.querySelector('.cv');
  let frames = 0, began = performance.now();
  const move = () => {
    frames += 1;${work}
    if (frames < ${FRAMES}) requestAnimationFrame(move);
    else resolve(frames / (performance.now() - began) * 1000);
  };
  requestAnimationFrame(move);
})`;

/** The viewer over a server that answers as the functions of the API would. */
async function served(run: LargeRun): Promise<{ readonly url: string; close(): Promise<void> }> {
  const replies = Object.fromEntries(
    Object.entries(answersOf(run)).map(([key, body]) => [
      key,
      JSON.stringify({ statusCode: 200, headers: {}, body }),
    ]),
  );
  const functions = createServer((request, response) => {
    const key = /([a-zA-Z]+)\/invocations/.exec(decodeURIComponent(request.url ?? ''))?.[1] ?? '';
    request.resume().once('end', () => response.end(replies[key]));
  });
  await new Promise<void>((resolve) => functions.listen(0, '127.0.0.1', resolve));
  const { port } = functions.address() as AddressInfo; // a listening TCP server has one
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  };
  const [lambda, sfn] = [new LambdaClient(config), new SFNClient(config)];
  const about = { place: 'bench', read_only: true, owner: 'bench', held: true, command_options: [] };
  const viewer = await serveViewer({ lambda, sfn, claims: {}, key: 'bench', about: () => about }, 0);
  return {
    url: viewer.url,
    async close() {
      await viewer.close();
      for (const client of [lambda, sfn]) client.destroy();
      functions.closeAllConnections();
      functions.close();
    },
  };
}

function answersOf({ trace, definition, history, calls }: LargeRun): Readonly<Record<string, string>> {
  return {
    runTrace: JSON.stringify(trace),
    runDefinition: JSON.stringify(definition),
    runHistory: JSON.stringify({ entries: history, next: null }),
    runApprovals: JSON.stringify({ approvals: [] }),
    listApprovals: JSON.stringify({ approvals: [], next: null }),
    listRuns: JSON.stringify({ runs: [trace.run], next: null }),
    runState: JSON.stringify({
      at: null,
      segment_id: null,
      bag_bytes: 0,
      fields: [],
      usage: null,
      failed_segments: [],
    }),
    runCalls: JSON.stringify({ calls: calls.slice(0, 200), read: 200, next: null }),
  };
}
