import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { runInSegments, TEST_RUN } from '../../test/run-in-segments.ts';
import { compileWorkflow, createProviders, evaluateInMemory, readWorkflow, textsBeside } from '../index.ts';

/** Shortens a text until it is short enough; its fields are `text`, `rounds` and `short`. */
const SHORTEN = `
name: shorten
initial_state: { rounds: 0, most: 3 }
state: { reducers: { rounds: sum } }
nodes:
  - { id: in, type: input, config: { fields: [text] } }
  - id: again
    type: loop
    config:
      until: "{% $length(text) <= most %}"
      max_iterations: 50
      body:
        nodes:
          - { id: cut, type: operator, config: { set: { text: "{% $substring(text, 1) %}", rounds: "{% 1 %}" } } }
  - { id: note, type: data_transform, output_key: short, config: { transform: "{{ text }} after {{ rounds }}" } }
  - { id: out, type: output, config: { fields: [short] } }
`;
/** Uses the first in another folder, in a branch and in a condition, and asks a person. */
const REVIEW = `
name: review
initial_state: { answer: null }
nodes:
  - { id: in, type: input, config: { fields: [title] } }
  - id: first
    type: subgraph
    config: { body: { file: parts/shorten.yaml }, input: { text: "{% title %}" }, output: { brief: "{% short %}" } }
  - { id: ask, type: human_approval, output_key: answer, config: { message: "{{ brief }}?" } }
  - id: well
    type: conditional
    config: { cases: [{ when: "{% answer.choice = 'approve' %}", to: yes }], default: no }
  - { id: yes, type: operator, config: { set: { text: "yes, {{ brief }}" } } }
  - { id: no, type: operator, config: { set: { text: "no" } } }
edges:
  - { from: in, to: first }
  - { from: first, to: ask }
  - { from: ask, to: well }
`;
const FILES: Readonly<Record<string, string>> = {
  'review.yaml': REVIEW,
  'parts/shorten.yaml': SHORTEN,
  'self.yaml': 'name: s\nnodes:\n  - { id: me, type: subgraph, config: { body: { file: self.yaml } } }\n',
  'there.yaml': 'name: s\nnodes:\n  - { id: go, type: subgraph, config: { body: { file: back.yaml } } }\n',
  'back.yaml': 'name: s\nnodes:\n  - { id: go, type: subgraph, config: { body: { file: there.yaml } } }\n',
  'sub/asks.yaml':
    'name: s\nnodes:\n  - { id: ask, type: llm_chat, output_key: said, config: { prompt: { file: p.md } } }\n',
  'sub/p.md': 'Say something.',
  'broken.yaml': 'name: s\nnodes:\n  - id: a\n    type: operatorr\n    config: {}\n',
  'no-yaml.yaml': 'name: s\nnodes: [\n',
  'bad-expression.yaml':
    'name: s\nnodes:\n  - id: a\n    type: operator\n    config: { set: { x: "{% 1 + %}" } }\n',
  'unwritten.yaml':
    'name: s\nnodes:\n  - id: a\n    type: operator\n    config:\n      set: { x: "{% lost %}" }\n',
};

const use = (id: string, file: string, more: JsonObject = {}) => ({
  id,
  type: 'subgraph',
  config: { body: { file }, ...more },
});
const shorten = (id: string, from: string, to: string) =>
  use(id, 'parts/shorten.yaml', { input: { text: `{% ${from} %}` }, output: { [to]: '{% short %}' } });

const read = (nodes: readonly JsonObject[], initial_state: JsonObject = {}) =>
  readWorkflow(JSON.stringify({ name: 'uses', initial_state, nodes }), {
    file: 'uses.json',
    readFile: textsBeside(FILES),
  });

async function comesTo(nodes: readonly JsonObject[], initial: JsonObject, input: JsonObject = {}) {
  const { workflow, diagnostics } = read(nodes, initial);
  expect(diagnostics.filter(({ severity }) => severity !== 'note')).toEqual([]);
  if (!workflow) throw new Error('unreadable');
  const inMemory = await evaluateInMemory(workflow, input, { ...TEST_RUN, providers: createProviders() });
  const { state, drafts } = await runInSegments(compileWorkflow(workflow), {
    input,
    providers: createProviders(),
  });
  expect(drafts.at(-1)?.error_info).toBeNull();
  expect(state).toEqual(inMemory);
  return state;
}

describe('a file that is used', () => {
  test('twice in a row gives each use what it asks for, and leaves nothing else', async () => {
    const nodes = [shorten('one', 'a', 'x'), shorten('two', 'b', 'y')];
    expect(await comesTo(nodes, { a: 'abcdef', b: 'vwxyz' })).toEqual({
      a: 'abcdef',
      b: 'vwxyz',
      x: 'def after 3',
      y: 'xyz after 2',
    });
  });

  test('sees nothing of a field that a start input names like one of its own', async () => {
    const nodes = [shorten('one', 'a', 'x')];
    const input = { '__in/one/short': 'forged', '__in/one/rounds': 40 };
    expect(await comesTo(nodes, { a: 'abcdef' }, input)).toEqual({ a: 'abcdef', x: 'def after 3' });
  });

  test('side by side with itself shares no field', async () => {
    const branches = [{ nodes: [shorten('one', 'a', 'x')] }, { nodes: [shorten('two', 'b', 'y')] }];
    const group = { id: 'both', type: 'parallel_group', config: { branches } };
    expect(await comesTo([group], { a: 'abcdef', b: 'vwxyz', text: 'mine' })).toMatchObject({
      text: 'mine',
      x: 'def after 3',
      y: 'xyz after 2',
    });
  });

  test('for each item begins anew', async () => {
    const config = {
      items: '{% list %}',
      body: { nodes: [shorten('one', '$item', 'x')] },
      result: '{% x %}',
    };
    const each = { id: 'each', type: 'for_each', output_key: 'all', config };
    expect(await comesTo([each], { list: ['abcd', 'abcde', 'wxyz'] })).toMatchObject({
      all: ['bcd after 1', 'cde after 2', 'xyz after 1'],
    });
  });

  test('in a loop that pauses begins anew in every iteration', async () => {
    const body = {
      nodes: [
        shorten('one', 'a', 'x'),
        { id: 'rest', type: 'wait', config: { seconds: 1 } },
        { id: 'more', type: 'operator', config: { set: { a: '{{ a }}{{ a }}', n: '{% n + 1 %}' } } },
      ],
    };
    const loop = { id: 'l', type: 'loop', config: { body, until: '{% n = 2 %}', max_iterations: 5 } };
    expect(await comesTo([loop], { a: 'abcd', n: 0 })).toMatchObject({ x: 'bcd after 5' });
  });

  test('may use files itself, ask a person, and choose its way', async () => {
    const asked = use('it', 'review.yaml', {
      input: { title: 'A title' },
      output: { verdict: '{% text %}' },
    });
    expect(await comesTo([asked], {})).toEqual({ verdict: 'yes, tle after 4' });
  });

  test('has the id of its use before the ids of its nodes', () => {
    const { workflow } = read([use('it', 'review.yaml', { input: { title: 'A title' } })]);
    expect(workflow?.nodes.map(({ id }) => id)).toEqual([
      'it',
      'it.in',
      'it.first',
      'it.first.in',
      'it.first.again',
      'it.first.note',
      'it.first.end',
      'it.ask',
      'it.well',
      'it.yes',
      'it.no',
      'it.end',
    ]);
  });

  test('finds its prompts beside itself', () => {
    const { diagnostics } = read([use('it', 'sub/asks.yaml')]);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('what is wrong with a use or its file is found', () => {
  test.each([
    [
      'the file uses itself',
      use('a', 'self.yaml'),
      'file-uses-itself self.yaml $.nodes[0].config.body.file 3',
    ],
    [
      'two use each other',
      use('a', 'there.yaml'),
      'file-uses-itself back.yaml $.nodes[0].config.body.file 3',
    ],
    ['there is none', use('a', 'none.yaml'), 'file-not-found uses.json $.nodes[0].config.body.file 1'],
    ['it lies outside', use('a', '../review.yaml'), 'file-not-found uses.json $.nodes[0].config.body.file 1'],
    ['it is no text', use('a', 'no-yaml.yaml'), 'unreadable no-yaml.yaml $ 3'],
    ['it has an unknown type', use('a', 'broken.yaml'), 'unknown-type broken.yaml $.nodes[0].type 4'],
    [
      'it has a bad expression',
      use('a', 'bad-expression.yaml'),
      'bad-expression bad-expression.yaml $.nodes[0].config.set.x 5',
    ],
    [
      'it reads what nothing writes',
      use('a', 'unwritten.yaml'),
      'unwritten-read unwritten.yaml $.nodes[0] 3',
    ],
    [
      'it is not given what it needs',
      use('a', 'parts/shorten.yaml'),
      'missing-key uses.json $.nodes[0].config 1',
    ],
    [
      'it is given what it does not know',
      use('a', 'parts/shorten.yaml', { input: { text: 'x', txet: 'y' } }),
      'unknown-key uses.json $.nodes[0].config.input.txet 1',
    ],
    [
      'a body that is written here is given input',
      {
        id: 'a',
        type: 'subgraph',
        config: { body: { nodes: [shorten('b', 'x', 'y')] }, input: { text: 'x' } },
      },
      'wrong-shape uses.json $.nodes[0].config 1',
    ],
    [
      'a list has a file for its body',
      {
        id: 'a',
        type: 'for_each',
        output_key: 'y',
        config: { items: '{% x %}', body: { file: 'self.yaml' } },
      },
      'wrong-shape uses.json $.nodes[0].config.body 1',
    ],
    [
      'the ids get too long',
      use('a'.repeat(60), 'parts/shorten.yaml', { input: { text: 'x' } }),
      'bad-id parts/shorten.yaml $.nodes[1] 7',
    ],
  ])('%s', (_what, node, expected) => {
    const { diagnostics } = read([node], { x: 1 });
    expect(diagnostics.map(({ code, file, path, line }) => `${code} ${file} ${path} ${line}`)).toContain(
      expected,
    );
  });

  test('uses of uses end at the limit of nodes', () => {
    const uses = Array.from({ length: 30 }, (_, index) => ({ id: `u${index}`, file: '' }));
    const level = (file: string) => JSON.stringify({ name: 'n', nodes: uses.map(({ id }) => use(id, file)) });
    const files: Record<string, string> = { 'a.json': level('b.json'), 'b.json': level('c.json') };
    files['c.json'] = level('d.json');
    files['d.json'] = JSON.stringify({
      name: 'n',
      nodes: [{ id: 'w', type: 'wait', config: { seconds: 1 } }],
    });
    const { diagnostics } = readWorkflow(level('a.json'), {
      file: 'w.json',
      readFile: textsBeside(files),
    });
    expect(new Set(diagnostics.map(({ code }) => code))).toContain('too-many');
  });
});
