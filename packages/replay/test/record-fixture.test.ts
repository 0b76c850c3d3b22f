import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import { law } from '@statebag/law';
import {
  asRecorded,
  called,
  type FixtureOptions,
  fromFixture,
  mustHold,
  type TestOptions,
} from '@statebag/testing';
import type { Fixture } from '@statebag/testing/fixture';
import { leftBehind } from '@statebag/testing/left-behind';
import { arbitraryWorkflow } from '@statebag/workflow/testing';
import fc from 'fast-check';
import { recordFixture } from '../src/index.ts';
import { runOf } from './replayed.ts';

const folder = mkdtempSync(join(tmpdir(), 'fixtures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function recorded(document: JsonObject, options: TestOptions) {
  return leftBehind(document, options, async (left) => ({
    run: left.run,
    fixture: JSON.parse(JSON.stringify(await recordFixture(runOf(left)))) as Fixture, // as the file has it
  }));
}

let files = 0;
function playedBack(fixture: Fixture, options?: FixtureOptions) {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, JSON.stringify(fixture));
  return fromFixture(file, options);
}

const sensitive = { type: 'string', 'x-sensitive': true };
const LETTER: JsonObject = {
  name: 'letter',
  version: '1',
  nodes: [
    {
      id: 'ask',
      type: 'input',
      config: {
        schema: {
          type: 'object',
          properties: { name: sensitive, town: { type: 'string' } },
          required: ['name'],
        },
      },
    },
    {
      id: 'draft',
      type: 'llm_chat',
      output_key: 'letter',
      config: {
        provider: 'openai',
        prompt: 'Write to {{ name }} in {{ town }}.',
        response_schema: {
          type: 'object',
          properties: { text: { type: 'string' }, iban: sensitive },
          required: ['text', 'iban'],
        },
      },
    },
    {
      id: 'sure',
      type: 'human_approval',
      output_key: 'decision',
      config: { message: 'Send it to {{ name }}?' },
    },
    {
      id: 'send',
      type: 'api_call',
      output_key: 'sent',
      config: { method: 'POST', url: 'https://post.example/', body: '{% letter %}' },
    },
  ],
};
const GIVEN: TestOptions = {
  input: { name: 'Grace Hopper', town: 'Delft' },
  answers: {
    draft: { text: 'Dear Grace Hopper, your account NL91ABNA0417164300 …', iban: 'NL91ABNA0417164300' },
    send: { status: 201, body: { token: 'ghp_0123456789abcdefghijABCDEFGHIJ', id: 7 } },
  },
  approve: () => ({ choice: 'approve', comment: 'for Grace Hopper' }),
};

describe('a fixture', () => {
  test('runs as the run went, with nothing in it that is sensitive', async () => {
    const { run, fixture } = await recorded(LETTER, GIVEN);
    const text = JSON.stringify(fixture);
    for (const secret of ['Grace Hopper', 'NL91ABNA0417164300', 'ghp_0123'])
      expect(text).not.toContain(secret);
    expect(fixture.input).toEqual({ name: 'redacted-1--', town: 'Delft' });
    expect(fixture.replaced).toEqual(
      expect.arrayContaining([
        'input.name',
        'calls.draft.result.answer.iban',
        'calls.send.result.body.token',
      ]),
    );
    const again = await playedBack(fixture);
    mustHold(asRecorded(again));
    mustHold(called(again, 'send', { times: 1 }));
    expect(again.path).toEqual(run.path);
    // equal texts are equal, as long as they were, so bytes stay what they were
    expect(again.state['letter']).toMatchObject({
      text: expect.stringContaining(String(Object(again.state['letter']).iban)),
    });
    expect(again.largest.bytes).toBe(run.largest.bytes);
  });

  test('tries a changed workflow with the recorded answers, and says where it goes another way', async () => {
    const { fixture } = await recorded(LETTER, GIVEN);
    const nodes = LETTER['nodes'] as readonly JsonObject[];
    const reworded = nodes.map((node) =>
      node['id'] === 'draft'
        ? { ...node, config: { ...Object(node['config']), prompt: 'Shortly, to {{ name }}.' } }
        : node,
    );
    mustHold(asRecorded(await playedBack(fixture, { workflow: { ...LETTER, nodes: reworded } })));
    const without = await playedBack(fixture, {
      workflow: { ...LETTER, nodes: nodes.filter(({ id }) => id !== 'sure') },
    });
    expect(asRecorded(without)).toMatchObject({ pass: false });
    expect(asRecorded(without).message()).toContain('node 3 of the way is send, and was sure');
    const more = [
      ...nodes,
      { id: 'thank', type: 'llm_chat', output_key: 'x', config: { prompt: 'Thank them.' } },
    ];
    await expect(playedBack(fixture, { workflow: { ...LETTER, nodes: more } })).rejects.toThrow(
      'node thank makes',
    );
  });

  test('of a run that failed fails in the same way', async () => {
    const fails = () => {
      throw new StatebagError('Node.Failed', 'not this one');
    };
    const { run, fixture } = await recorded(LETTER, { ...GIVEN, answers: { ...GIVEN.answers, send: fails } });
    expect(run.error?.name).toBe('Node.Failed');
    const again = await playedBack(fixture);
    mustHold(asRecorded(again));
    expect(again.error?.name).toBe('Node.Failed');
  });

  test('is none of a run that took its items from an upload', async () => {
    const list = {
      name: 'list',
      nodes: [
        {
          id: 'each',
          type: 'for_each',
          output_key: 'all',
          config: {
            upload: 'items.json',
            distributed: 'batched',
            body: {
              nodes: [
                { id: 'x', type: 'data_transform', output_key: 'x', config: { transform: '{% $item %}' } },
              ],
            },
          },
        },
      ],
    };
    await expect(recorded(list, { uploads: { 'items.json': '[1,2]' } })).rejects.toThrow(
      expect.objectContaining({
        name: 'Run.NotRecordable',
        message: expect.stringContaining('each takes its items'),
      }),
    );
  });
});

test('a fixture of any workflow comes to what the run came to', async () => {
  const workflows = arbitraryWorkflow({ groups: true, approvals: true, workers: true, maps: true });
  const property = fc.asyncProperty(workflows, async ({ document, input }) => {
    const { run, fixture } = await recorded(document, { input, approve: () => 'approve' });
    const again = await playedBack(fixture);
    mustHold(asRecorded(again));
    expect(again.state).toEqual(run.state);
    expect(again.calls).toHaveLength(run.calls.length);
  });
  await law(property, { cases: 12 });
});
