import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asRecorded, fromFixture, mustHold } from '@statebag/testing';
import type { Fixture } from '@statebag/testing/fixture';
import { type Dev, resultOf, start, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
const dataDir = join(folder.path, 'data');
const at = ['--data-dir', dataDir];
/** Processes of the command on a machine that does other things, too. */
const LONG_MS = 120_000;
let dev: Dev;
let run: string;
beforeAll(async () => {
  dev = await startDev(dataDir);
  const asks = (id: string, prompt: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt } });
  const document = folder.file('letter.json', {
    name: 'letter',
    nodes: [
      {
        id: 'to',
        type: 'input',
        config: { schema: { type: 'object', properties: { name: { type: 'string', 'x-sensitive': true } } } },
      },
      asks('draft', 'Write to {{ name }}.'),
      asks('check', 'Is this polite? {{ draft }}'),
    ],
    options: { llm_per_segment: 1 },
  });
  const input = folder.file('input.json', { name: 'Grace Hopper' });
  run = resultOf(await statebag('run', document, '--input', input, '--json', ...at)).execution_id;
}, LONG_MS);
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

test('a run of this machine is reproduced', async () => {
  const { code, stdout } = await statebag('replay', run, '--json', ...at);
  expect(JSON.parse(stdout)).toMatchObject({
    equal: true,
    segments: { repeated: 2, equal: 2 },
    calls: 2,
    differences: [],
    faults: [],
  });
  expect(code).toBe(0);
});

test('a run of a stage is reproduced by what may be read of its account', async () => {
  const { code, stdout } = await start(['replay', run, '--stage', 'local', '--region', 'us-east-1'], {
    AWS_ENDPOINT_URL: dev.endpoint,
    AWS_ACCESS_KEY_ID: dev.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: dev.credentials.secretAccessKey,
  }).finished;
  expect(stdout).toContain(`${run}: reproduced: 2 of 2 segments, equal`);
  expect(code).toBe(0);
});

test('a run is recorded as a fixture, which a test runs again', async () => {
  const file = join(folder.path, 'fixtures', 'letter');
  const { code, stdout } = await statebag('replay', run, '--record', file, ...at);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('replaced: ') });
  expect(stdout).toContain(`${file}.json: 2 calls, 0 decisions; replaced: `);
  const text = readFileSync(`${file}.json`, 'utf8');
  expect(text).not.toContain('Grace Hopper');
  const fixture: Fixture = JSON.parse(text);
  expect(fixture.replaced).toContain('input.name');
  mustHold(asRecorded(await fromFixture(`${file}.json`)));
});

test('what cannot be replayed is the mistake of the caller', async () => {
  expect(await statebag('replay', 'nobody', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('mend: '),
  });
});
