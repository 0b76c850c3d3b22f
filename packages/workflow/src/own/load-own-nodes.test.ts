import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { placeInCode } from './code-place.ts';
import { deployedNodes, loadOwnNodes } from './load-own-nodes.ts';
import { nodeModules } from './node-modules.ts';
import { ownNodes } from './own-nodes.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', '..', 'examples');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('takes the modules of a folder in their order, and no tests, declarations or folders', () => {
  mkdirSync(join(folder, 'inside.ts'));
  for (const name of ['b.ts', 'a.mjs', 'a.test.ts', 'b.spec.mjs', 'types.d.ts', 'notes.md', '.hidden.ts'])
    writeFileSync(join(folder, name), '');
  expect(nodeModules(folder).map((file) => basename(file))).toEqual(['a.mjs', 'b.ts']);
});

test('loads the nodes that they export, when first asked', async () => {
  const nodes = await deployedNodes(`${join(EXAMPLES, 'order-booking', 'nodes')}#0123`)();
  expect([...nodes.keys()]).toEqual(['shop.book']);
  expect(nodes.get('shop.book')).toMatchObject({ effect: 'once', folder: expect.stringMatching(/nodes$/) });
  expect(await deployedNodes(undefined)()).toEqual(new Map());
  expect(await deployedNodes('')()).toEqual(new Map());
});

test('names the module that cannot be loaded, and the folder that is not there', async () => {
  writeFileSync(join(folder, 'broken.mjs'), "throw new Error('no key for the service');\n");
  await expect(loadOwnNodes(folder)).rejects.toMatchObject({
    name: 'Contract.Misconfigured',
    message: expect.stringMatching(/broken\.mjs(:1:7)?: Error: no key for the service$/),
  });
  await expect(loadOwnNodes(join(folder, 'none'))).rejects.toThrow('there is no such folder of nodes');
});

test('refuses two nodes of one name', async () => {
  const declared = [...(await loadOwnNodes(join(EXAMPLES, 'order-booking', 'nodes'))).values()];
  expect(() => ownNodes([...declared, ...declared])).toThrow('two nodes are declared as shop.book');
});

test.each([
  [
    'Error: x\n    at f (file:///app/lib.ts:1:1)\n    at run (file:///app/my%20nodes/pay.ts:14:9)',
    'my nodes/pay.ts:14:9',
  ],
  ['Error: x\n    at async /app/my nodes/deep/pay.ts:2:3', 'my nodes/deep/pay.ts:2:3'],
  ['file:///app/my%20nodes/pay.ts:7\nSyntaxError: x', 'my nodes/pay.ts:7'],
  ['Error: x\n    at f (file:///app/lib.ts:1:1)', null],
])('finds the place in the code of a project in %j', (stack, place) => {
  expect(placeInCode(Object.assign(new Error('x'), { stack }), '/app/my nodes')).toBe(place);
});
