import { expect, test } from '@jest/globals';
import type { JsonObject, Sha256 } from '@statebag/contracts';
import { askModel } from './ask-model.ts';

/** What becomes of an answer under a schema. */
async function answered(answer: unknown, response_schema: JsonObject): Promise<unknown> {
  return askedOnce(JSON.stringify(answer), response_schema);
}

/** What becomes of a text under a schema. */
async function askedOnce(text: string, response_schema: JsonObject): Promise<unknown> {
  const complete = async () => ({ text, input_tokens: 1, output_tokens: 1 });
  const call = { provider: 'fixed', model: 'm', prompt: 'p', tries: 1, timeout_ms: 1_000, response_schema };
  const asking = {
    providers: async () => ({ complete }),
    key: 'a'.repeat(64) as Sha256, // a hash as a provider sees it
    timeLeft: (millis: number) => millis,
  };
  return (await askModel(call, asking)).result;
}

const NUMBERS = {
  type: 'object',
  patternProperties: { '^n\\d+$': { type: 'number' } },
  additionalProperties: false,
};

test('a pattern of a schema is looked for in linear time, whatever it is', async () => {
  const schema = { type: 'string', pattern: '^(.*?,){30}P$' };
  const before = process.threadCpuUsage();
  await expect(answered('1,'.repeat(5_000), schema)).rejects.toThrow('String does not match pattern');
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(2_000);
});
test('a pattern means in a schema what it means in JavaScript', async () => {
  const schema = { type: 'string', pattern: '^\\p{Lu}\\w+$' };
  expect(await answered('Élan', { type: 'string', pattern: '^\\p{Lu}' })).toEqual({ answer: 'Élan' });
  await expect(answered('lan', schema)).rejects.toThrow('String does not match pattern');
});
test('names of properties are looked at by patterns too', async () => {
  expect(await answered({ n1: 1 }, NUMBERS)).toEqual({ answer: { n1: 1 } });
  await expect(answered({ n1: 'x' }, NUMBERS)).rejects.toThrow('n1');
  await expect(answered({ m1: 1 }, NUMBERS)).rejects.toThrow('m1');
});

const SCORE = { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] };

const AROUND: readonly [what: string, text: string][] = [
  ['a fence', '```json\n{"score": 7}\n```'],
  ['a fence without a language', '```\n{"score": 7}\n```'],
  ['a sentence before it', 'Sure! Here it is: {"score": 7}'],
  ['sentences around it', 'I think {"score": 7} is fair. "Really."'],
  ['a sentence and a fence', 'Sure! Here it is:\n```json\n{"score": 7}\n```\nAnything else?'],
  ['a part in braces that is no JSON', 'As {you} asked: {"score": 7}'],
  ['brackets in its texts', 'So: {"score": 7, "why": "a } and a ] and a \\" {"}'],
];
for (const [what, text] of AROUND)
  test(`an answer is found with ${what}`, async () =>
    expect(await askedOnce(text, SCORE)).toMatchObject({ answer: { score: 7 } }));

test('a number alone in a fence is the answer', async () =>
  expect(await askedOnce('It is:\n```json\n7\n```', { type: 'number' })).toEqual({ answer: 7 }));

const NO_ANSWER: readonly [what: string, text: string, complaint: string][] = [
  ['two objects', '{"score": 7} or {"score": 8}', 'it holds 2 JSON values'],
  ['a broken object with a whole one in it', '{"score": oops, "x": {"score": 7}}', 'it is not JSON'],
  ['an object that was cut off', '{"x": {"score": 7}, "y": ', 'it is not JSON'],
  ['no JSON', 'I cannot say.', 'it is not JSON'],
  ['a number beyond all numbers', '{"score": 1e999}', 'larger than any number'],
  ['nesting over the limit', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'nested deeper'],
];
for (const [what, text, complaint] of NO_ANSWER)
  test(`${what} is no answer, and stands in the error`, async () => {
    const failure = await askedOnce(text, SCORE).catch((error) => error);
    expect(failure).toMatchObject({
      name: 'Llm.OutputInvalid',
      message: expect.stringContaining(complaint),
      details: { answers: [expect.stringContaining(text.slice(0, 40))] },
    });
    expect(String(failure).length).toBeLessThan(3_000);
  });

test('an answer of ten million brackets is looked through once', async () => {
  const before = process.threadCpuUsage();
  await expect(askedOnce('{[('.repeat(3_000_000), SCORE)).rejects.toThrow('it is not JSON');
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(3_000);
});

test('half of a surrogate pair in the JSON of an answer becomes U+FFFD', async () =>
  expect(await askedOnce('{"score": 7, "\\ud800": "\\udfff"}', SCORE)).toEqual({
    answer: { score: 7, '\ufffd': '\ufffd' },
  }));

test('what a model was refused before it obeyed is kept beside its answer', async () => {
  const texts = ['no JSON', '{"score": "high"}', '{"score": 7}'];
  const complete = async () => ({ text: texts.shift() ?? '', input_tokens: 1, output_tokens: 1 });
  const call = {
    provider: 'fixed',
    model: 'm',
    prompt: 'p',
    tries: 3,
    timeout_ms: 1_000,
    response_schema: SCORE,
  };
  const key = 'a'.repeat(64) as Sha256; // a hash as a provider sees it
  const { result, usage } = await askModel(call, {
    providers: async () => ({ complete }),
    key,
    timeLeft: (millis: number) => millis,
  });
  expect(result).toEqual({ answer: { score: 7 }, refused: ['no JSON', '{"score": "high"}'] });
  expect(usage.llm_calls).toBe(3);
});
