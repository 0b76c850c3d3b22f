import { expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import { defineNode } from '@statebag/node';
import { called, matchers, mustHold, runWorkflow, succeeded, tookPath } from '@statebag/testing';

const model = (id: string, config: object) => ({ id, type: 'llm_chat', output_key: id, config });
const workflow = (nodes: readonly object[], edges?: readonly object[]) => ({
  name: 'tested',
  version: '1',
  nodes: JSON.parse(JSON.stringify(nodes)),
  ...(edges && { edges: JSON.parse(JSON.stringify(edges)) }),
});

const TRIAGE = workflow(
  [
    { id: 'ticket', type: 'input', config: { fields: ['text'] } },
    model('class', {
      provider: 'openai',
      prompt: 'Urgent? {{ text }}',
      response_schema: { type: 'object', properties: { urgent: { type: 'boolean' } }, required: ['urgent'] },
    }),
    {
      id: 'route',
      type: 'conditional',
      config: { cases: [{ when: '{% class.urgent %}', to: 'page' }], default: 'later' },
    },
    {
      id: 'page',
      type: 'api_call',
      output_key: 'paged',
      config: { method: 'POST', url: 'https://pager.example/{{ text }}', body: '{% class %}' },
    },
    { id: 'later', type: 'operator', config: { set: { paged: null } } },
  ],
  [
    { from: 'ticket', to: 'class' },
    { from: 'class', to: 'route' },
    { from: 'route', to: 'page' },
    { from: 'route', to: 'later' },
  ],
);

test('a run goes the way that the answers lead, and its calls are told', async () => {
  const run = await runWorkflow(TRIAGE, {
    input: { text: 'fire' },
    answers: { class: { urgent: true }, page: { status: 201, body: { id: 7 } } },
  });
  mustHold(succeeded(run));
  mustHold(tookPath(run, ['class', 'page']));
  expect(run.path).not.toContain('later');
  expect(run.calls.map(({ node, kind }) => [node, kind])).toEqual([
    ['class', 'model'],
    ['page', 'http'],
  ]);
  expect(run.calls[1]?.asked).toMatchObject({ method: 'POST', url: 'https://pager.example/fire' });
  expect(run.output?.['paged']).toMatchObject({ status: 201, body: { id: 7 } });
});

test('the same test twice is the same run, times included', async () => {
  const once = () => runWorkflow(TRIAGE, { input: { text: 'a' }, answers: { class: { urgent: false } } });
  expect(await once()).toEqual(await once());
});

test('an answer that does not obey the schema fails the node as it does in a real run', async () => {
  const run = await runWorkflow(TRIAGE, { input: { text: 'a' }, answers: { class: { urgent: 'very' } } });
  expect(run).toMatchObject({ status: 'FAILED', output: null, error: { name: 'Llm.OutputInvalid' } });
  expect(succeeded(run).message()).toContain('class failed with Llm.OutputInvalid');
});

test.each([
  ['a call that the test has no answer for', TRIAGE, {}, 'node class makes a model call'],
  ['an input that the workflow refuses', TRIAGE, { input: {} }, 'needs "text"'],
  ['a document that is not valid', { name: 'x' }, {}, 'workflow: error: '],
  ['a time that is none', TRIAGE, { clock: 'yesterday' }, 'clock: yesterday is no time'],
])('%s is said, and is no failure of the workflow', async (_what, document, options, said) => {
  await expect(runWorkflow(document, { input: { text: 'a' }, ...options })).rejects.toThrow(said);
});

test('a service that fails is tried again by the machine, in no time', async () => {
  let tries = 0;
  const run = await runWorkflow(
    workflow([{ id: 'get', type: 'api_call', output_key: 'got', config: { url: 'https://a.example/' } }]),
    {
      answers: {
        get: () => {
          tries += 1;
          if (tries < 3) throw new StatebagError('Http.Unavailable', 'it is down');
          return { fine: true };
        },
      },
    },
  );
  expect(run.state['got']).toMatchObject({ body: { fine: true } });
  expect(called(run, 'get', { times: 3 }).pass).toBe(true);
});

const ASKS = workflow([
  { id: 'rest', type: 'wait', config: { seconds: 86_400 } },
  {
    id: 'ask',
    type: 'human_approval',
    output_key: 'said',
    config: { message: 'Send it?', default: 'reject' },
  },
]);

test('a person decides, after a day that takes no time', async () => {
  const asked: unknown[] = [];
  const run = await runWorkflow(ASKS, {
    clock: '2026-05-01T00:00:00.000Z',
    approve: (question) => {
      asked.push(question);
      return { choice: 'approve', comment: 'do' };
    },
  });
  expect(asked).toEqual([expect.objectContaining({ node: 'ask', message: 'Send it?' })]);
  expect(run.state['said']).toMatchObject({ comment: 'do', decided_at: '2026-05-02T00:00:00.000Z' });
  expect(run.took).toBe(86_400_000);
});

test('where nobody answers the deadline decides', async () => {
  const run = await runWorkflow(ASKS, { approve: { ask: null } });
  expect(run.state['said']).toMatchObject({ choice: 'reject', by: null });
});

test('a choice that is none of the offered is the mistake of the test', async () => {
  await expect(runWorkflow(ASKS, { approve: { ask: 'maybe' } })).rejects.toThrow(
    '"maybe" is none of approve, reject',
  );
});

test('a list that many workers share, and a model that is asked apart', async () => {
  const run = await runWorkflow(
    workflow([
      {
        id: 'each',
        type: 'for_each',
        output_key: 'squares',
        config: {
          items: '{% [1..30] %}',
          distributed: 'map_reduce',
          body: {
            nodes: [
              {
                id: 'square',
                type: 'lambda',
                output_key: 'value',
                config: {
                  function_arn: 'arn:aws:lambda:eu-west-1:000000000000:function:sq',
                  payload: '{% $item %}',
                },
              },
            ],
          },
        },
      },
      model('sum', { provider: 'openai', prompt: 'Sum {{ squares }}', async: true }),
    ]),
    { answers: { square: ({ asked }) => Number(asked['event']) ** 2, sum: 'x'.repeat(40_000) } },
  );
  expect(run.state['squares']).toHaveLength(30);
  expect(String(run.state['sum'])).toHaveLength(40_000);
  expect(matchers.toHaveStayedUnder(run, 16_000).pass).toBe(true);
  expect(matchers.toHaveStayedUnder(run, 100).message()).toContain('bytes, at ');
});

const EXAMPLES = new URL('../../../examples/', import.meta.url);

test('a workflow with node types of its project finds them beside it, or takes those of the test', async () => {
  const input = { addresses: [{ name: 'Ada', street: 'Kade 4', code: '1011ab', town: 'Delft' }] };
  const labelled = await runWorkflow(new URL('address-labels/workflow.json', EXAMPLES), { input });
  expect(labelled.output).toEqual({ labels: ['Ada\nKade 4\n1011 AB Delft'] });

  const shout = defineNode({ type: 'text.shout', reads: ['text'], run: ({ state }) => `${state.text}!` });
  const document = workflow([{ id: 'shout', type: 'text.shout', output_key: 'loud' }]);
  expect((await runWorkflow(document, { input: { text: 'hi' }, nodes: [shout] })).state).toMatchObject({
    loud: 'hi!',
  });
  await expect(runWorkflow(document)).rejects.toThrow('is not a node type');
});

test('an effect of such a node is answered by the test, and told like any call', async () => {
  const run = await runWorkflow(new URL('order-booking/workflow.json', EXAMPLES), {
    input: { service: 'http://nobody.invalid', order: { id: 'A-1' } },
    answers: { book: { booking: { number: 7 } } },
  });
  expect(run.output).toMatchObject({ answer: 'Order A-1 is booked as number 7.' });
  expect(run.calls).toMatchObject([
    { node: 'book', kind: 'node', asked: { state: { order: { id: 'A-1' } } } },
  ]);
});
