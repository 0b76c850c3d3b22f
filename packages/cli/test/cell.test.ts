import { afterAll, expect, test } from '@jest/globals';
import { statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());

const cellsOf = (slots: string) =>
  folder.file('cells.yaml', {
    cells: {
      one: { api: 'https://one.example', stage: 'prod', region: 'eu-central-1', slots },
      two: { api: 'https://two.example', slots: '50-99', owners: ['acme'] },
    },
  });

test('an owner is told its cell, as a line and as JSON', async () => {
  const config = cellsOf('0-49');
  const line = await statebag('cell', 'acme', '--config', config);
  expect(line).toMatchObject({ code: 0, stdout: 'acme is in two: https://two.example\n' });
  const other = await statebag('cell', 'owner-3', '--config', config, '--json');
  expect(['one', 'two']).toContain(JSON.parse(other.stdout).cell);
});

test.each([
  ['0-48', /no cell has 1 of 100 slots: 49\n {2}mend:/],
  ['0-50', /slot 50 is in one and two\n {2}mend:/],
])('slots %s leave an owner without a cell, or give it two: it is refused', async (slots, message) => {
  const { code, stderr } = await statebag('cell', 'acme', '--config', cellsOf(slots));
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test('without cells the command says where they are named', async () => {
  const { code, stderr } = await statebag('cell', 'acme', '--config', folder.file('none.json', {}));
  expect([code, stderr]).toEqual([2, expect.stringMatching(/has no cells\n {2}mend: name them/)]);
});
