import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bundleViewer } from './bundle-viewer.ts';

const MOST_BYTES = 130 * 1_024;

test('the page is small, has no script or style of its own in its text, and names no other host', async () => {
  const files = await bundleViewer();
  const bytes = [...files.values()].reduce((sum, { body }) => sum + gzipSync(body).length, 0);
  expect(bytes).toBeLessThan(MOST_BYTES);
  const html = Buffer.from(files.get('/index.html')?.body ?? []).toString();
  expect(html).not.toMatch(/<style|style=|<script(?![^>]* src="\/)|\son\w+=|https?:/);
  for (const name of ['/viewer.js', '/layout-worker.js', '/styles.css'])
    expect(files.get(name)?.body.length).toBeGreaterThan(1_000);
  expect(Buffer.from(files.get('/styles.css')?.body ?? []).toString()).not.toMatch(/https?:|@import/);
});
