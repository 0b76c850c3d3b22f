import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's; other systems say where theirs is. */
const CHROMIUM = process.env['STATEBAG_CHROMIUM'] ?? '/usr/bin/chromium';
/** Whether tests in a real browser can run; says so where they cannot. */
export const HAS_BROWSER = existsSync(CHROMIUM);
if (!HAS_BROWSER)
  process.stderr.write(
    `${CHROMIUM} is not there: tests in a browser are skipped (apt-get install chromium)\n`,
  );

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** A page of a busy machine takes seconds. */
const PATIENCE_MS = 30_000;

const QUIET_FRAMES = 30;

let browser: Browser | undefined;

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = undefined;
}

export interface Picture {
  readonly width: number;
  readonly theme: 'light' | 'dark';
  readonly file: string;
}

/** A page of the viewer, and what it did that it must not. */
export interface ViewerPage {
  go(path: string): Promise<void>;
  find(selector: string): Promise<void>;
  /** Waits until everything that the page asked for is answered. */
  settled(): Promise<void>;
  click(selector: string): Promise<void>;
  press(...keys: string[]): Promise<void>;
  /** Gives a file to an input of files. */
  choose(selector: string, file: { readonly name: string; readonly text: string }): Promise<void>;
  /** With the focus on an element. */
  pressIn(selector: string, key: string): Promise<void>;
  attribute(selector: string, name: string): Promise<string>;
  /** What the server answers the page. */
  ask(path: string): Promise<unknown>;
  /** What an expression comes to in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** As if the processor were so many times slower. */
  slowDown(times: number): Promise<void>;
  /** Megabytes that the page's script holds, after a collection. */
  heapMb(): Promise<number>;
  /** Takes a picture of a page; resolves with how much wider than the window it is. */
  picture(path: string, picture: Picture): Promise<number>;
  /** What axe-core finds wrong for people who use assistive technology. */
  violations(): Promise<string[]>;
  /** Errors, refusals of the content security policy, requests to others, and scripts of the state that ran. */
  complaints(): Promise<string[]>;
}

export async function openViewer(address: string): Promise<ViewerPage> {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const origin = new URL(address).origin;
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  const underWay = new Set<string>();
  /** All that was asked is answered, and nothing more is asked for some frames. The stream of events never ends. */
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < QUIET_FRAMES; quiet = underWay.size === 0 ? quiet + 1 : 0)
      await page.evaluate('new Promise(requestAnimationFrame)');
  };
  page.on('requestfinished', (sent) => underWay.delete(sent.url()));
  page.on('requestfailed', (sent) => underWay.delete(sent.url()));
  page.on('request', (sent) => {
    const url = sent.url();
    if (!url.includes('/live')) underWay.add(url);
    if (!url.startsWith(origin) && !url.startsWith('data:')) complaints.push(`asked ${url}`);
  });
  await page.goto(address);
  return {
    async go(path) {
      await page.goto(origin + path);
    },
    async find(selector) {
      await page.locator(selector).first().waitFor();
    },
    settled,
    async click(selector) {
      await page.locator(selector).first().click();
    },
    async choose(selector, { name, text }) {
      const file = { name, mimeType: 'application/json', buffer: Buffer.from(text) };
      await page.locator(selector).first().setInputFiles(file);
    },
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    async pressIn(selector, key) {
      await page.locator(selector).first().press(key);
    },
    async attribute(selector, name) {
      return (await page.locator(selector).first().getAttribute(name)) ?? '';
    },
    async ask(path) {
      const sent = `fetch(${JSON.stringify(path)}, { headers: { 'x-statebag-key': localStorage.getItem('statebag-key') } })`;
      return page.evaluate(`${sent}.then((answer) => answer.json())`);
    },
    evaluate: (expression) => page.evaluate(expression),
    async slowDown(rate) {
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate });
    },
    async heapMb() {
      const session = await page.context().newCDPSession(page);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return usedSize / 2 ** 20;
    },
    async picture(path, { width, theme, file }) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(origin + path, { waitUntil: 'load' });
      await page.locator('main :is(table, svg, .q, .void):visible').first().waitFor();
      await settled();
      await page.screenshot({ path: file, fullPage: true });
      return Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    },
    violations: () => violationsIn(page),
    async complaints() {
      const hit = await page.evaluate('typeof window.hit');
      return hit === 'undefined' ? complaints : [...complaints, 'a script of the state ran'];
    },
  };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  // axe-core gives this form
  const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
}
