import { describe, expect, test } from '@jest/globals';
import { type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { TEST_RUN } from '../../test/run-in-segments.ts';
import { createProviders, evaluateInMemory, readWorkflow } from '../index.ts';
import type { LlmRequest } from '../providers/llm-provider.ts';

const HELLO = [
  { role: 'user', content: 'Hello.', at: '2026-01-01' },
  { role: 'assistant', content: 'Good day.' },
];

interface Setting {
  readonly state?: JsonObject;
  readonly reducers?: JsonObject;
}

function read(config: JsonObject, { state = { chat: HELLO }, reducers = {} }: Setting = {}) {
  const ask = { id: 'ask', type: 'llm_chat', output_key: 'answer', config };
  const document = { name: 'talks', initial_state: state, state: { reducers }, nodes: [ask] };
  return readWorkflow(JSON.stringify(document), { file: 'talks.json' });
}

/** What the model was asked and what the state is afterwards. */
async function talked(config: JsonObject, setting: Setting = {}) {
  const { workflow, diagnostics } = read(config, setting);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const asked: LlmRequest[] = [];
  const answering = {
    complete: async (request: LlmRequest) => {
      asked.push(request);
      return { text: 'Fine.', input_tokens: 1, output_tokens: 1 };
    },
  };
  const state = await evaluateInMemory(workflow, {}, { ...TEST_RUN, providers: async () => answering });
  const [{ system, earlier, prompt } = { prompt: 'none' }] = asked;
  return { asked: { system, earlier, prompt }, state };
}

/** The turns as they are sent: without what else the owner keeps of them. */
const SENT = HELLO.map(({ role, content }) => ({ role, content }));
const ASKED = { role: 'user', content: 'How are you?' };
const ANSWERED = { role: 'assistant', content: 'Fine.' };

describe('a conversation', () => {
  test('is sent before the prompt, by role and content alone', async () => {
    const { asked } = await talked({ messages: '{% chat %}', prompt: 'How are you?' });
    expect(asked).toEqual({ system: undefined, earlier: SENT, prompt: 'How are you?' });
  });

  test('ends in the prompt itself where its last message is of the user', async () => {
    const { asked } = await talked({ messages: '{% chat %}' }, { state: { chat: [...HELLO, ASKED] } });
    expect(asked).toEqual({ system: undefined, earlier: SENT, prompt: 'How are you?' });
  });

  test('may be written out, with templates, and instructions go together to the front', async () => {
    const messages = [
      { role: 'system', content: 'Be {{ mood }}.' },
      { role: 'user', content: '{{ mood }}?' },
    ];
    const { asked } = await talked({ system: 'You are Ada.', messages }, { state: { mood: 'kind' } });
    expect(asked).toEqual({ system: 'You are Ada.\n\nBe kind.', earlier: undefined, prompt: 'kind?' });
  });

  test('begins with the prompt where nothing was said before', async () => {
    const { asked } = await talked({ messages: '{% chat %}', prompt: 'Hi.' }, { state: { chat: [] } });
    expect(asked).toEqual({ system: undefined, earlier: undefined, prompt: 'Hi.' });
  });

  test('grows by prompt and answer, and keeps what else its messages have', async () => {
    const { state } = await talked({ messages: '{% chat %}', prompt: 'How are you?', append_to: 'chat' });
    expect(state).toEqual({ answer: 'Fine.', chat: [...HELLO, ASKED, ANSWERED] });
  });

  test('is added to, not doubled, where its field has a reducer', async () => {
    const config = { messages: '{% chat %}', prompt: 'How are you?', append_to: 'chat' };
    const { state } = await talked(config, { reducers: { chat: 'append' } });
    expect(state['chat']).toEqual([...HELLO, ASKED, ANSWERED]);
  });

  const bad: readonly [string, Json, string][] = [
    ['another role', [{ role: 'robot', content: 'x' }], 'messages[0] has no `role`'],
    ['no role', ['Hello.'], 'messages[0] has no `role`'],
    ['content that is no text', [{ role: 'user', content: ['x'] }], 'messages[0] has no text'],
    [
      'late instructions',
      [...SENT, { role: 'system', content: 'x' }, ASKED],
      'messages[2] is of the role system',
    ],
    ['nothing to answer', HELLO, 'messages[1] is not of the user'],
    ['nothing at all', [], 'the list of messages is empty'],
  ];
  for (const [what, chat, message] of bad) {
    test(`with ${what} fails the node before anything is paid`, async () => {
      const failure = await talked({ messages: '{% chat %}' }, { state: { chat } }).catch((error) => error);
      expect(failure).toBeInstanceOf(StatebagError);
      expect([failure.name, failure.message]).toEqual(['Node.Failed', expect.stringContaining(message)]);
    });
  }

  test('reads the fields of its messages and no others', async () => {
    const { workflow } = read({ messages: '{% chat %}', prompt: 'Hi.' }, { state: { chat: [], other: 1 } });
    const { compileWorkflow } = await import('../index.ts');
    const segments = workflow ? [...compileWorkflow(workflow).segments.values()] : [];
    expect(segments.map(({ flow }) => flow.nodes['ask']?.reads)).toEqual([['chat']]);
  });

  test('changes the mock, which knows its question by all of it', async () => {
    const { workflow } = read({ messages: '{% chat %}', prompt: 'Hi.' });
    if (!workflow) throw new Error('unreadable');
    const providers = createProviders();
    const answer = async (chat: Json) =>
      (await evaluateInMemory(workflow, { chat }, { ...TEST_RUN, providers }))['answer'];
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((content) => answer([{ role: 'user', content }])),
    );
    expect(new Set(answers).size).toBeGreaterThan(1);
  });
});

describe('validate', () => {
  const refused: readonly [string, JsonObject, string][] = [
    ['nothing to ask', {}, 'either `prompt` or `messages` is needed'],
    [
      'an answer that a worker would have to append',
      { prompt: 'x', append_to: 'chat', async: true },
      'append_to',
    ],
    ['a reserved field to append to', { prompt: 'x', append_to: 'status' }, 'reserved name'],
  ];
  for (const [what, config, message] of refused) {
    test(`refuses ${what}`, () => {
      expect(
        read(config)
          .diagnostics.map((found) => found.message)
          .join(),
      ).toContain(message);
    });
  }
});
