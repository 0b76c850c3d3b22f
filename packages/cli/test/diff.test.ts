import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Dev, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(`${folder.path}/data`);
});
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

function triage(prompt: string, sum: string) {
  return {
    name: 'triage',
    nodes: [
      {
        id: 'draft',
        type: 'llm_chat',
        output_key: 'draft',
        config: { provider: 'mock', model: 'mock', prompt },
      },
      { id: 'sum', type: 'data_transform', output_key: 'sum', config: { transform: sum } },
      {
        id: 'text',
        type: 'data_transform',
        output_key: 'text',
        config: { transform: '{% draft & " " & sum & $string($millis()) %}' },
      },
    ],
    edges: [
      { from: 'draft', to: 'sum' },
      { from: 'sum', to: 'text' },
    ],
    options: { llm_per_segment: 1 },
  };
}

const diff = (...args: string[]) =>
  statebag(
    'diff',
    ...args,
    '--input',
    folder.file('input.json', { numbers: [1, 2] }),
    '--data-dir',
    dev.dataDir,
  );

describe('statebag diff', () => {
  test('says that both generations come to the same, by outcome, fields and history', async () => {
    const workflow = folder.file('one.json', triage('Sum of {{ numbers }}?', '{% $sum(numbers) %}'));
    const { code, stdout, stderr } = await diff(workflow, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      same: true,
      first: null,
      left: { status: 'SUCCEEDED' },
      right: { status: 'SUCCEEDED' },
    });
    expect(found.compared.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining([
        'field draft',
        'field sum',
        'field text',
        'field numbers',
        'history draft SUCCEEDED',
      ]),
    );
  });

  test('names what two versions part at, with its segment', async () => {
    const one = folder.file('one.json', triage('Sum of {{ numbers }}?', '{% $sum(numbers) %}'));
    const two = folder.file('two.json', triage('Sum of {{ numbers }}?', '{% $sum(numbers) + 1 %}'));
    const { code, stdout } = await diff(one, two);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /field +sum [\s\S]*field +text[\s\S]*first: field sum in segment s0\d-\w+, node sum: /,
      ),
    ]);
  });

  test('finds that another version asks a model something else, without asking it', async () => {
    const one = folder.file('one.json', triage('Sum of {{ numbers }}?', '{% $sum(numbers) %}'));
    const two = folder.file('two.json', triage('Total of {{ numbers }}?', '{% $sum(numbers) %}'));
    const { code, stdout } = await diff(one, two);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/SUCCEEDED and FAILED[\s\S]*Ledger\.ShadowMiss: node draft/),
    ]);
  });
});
