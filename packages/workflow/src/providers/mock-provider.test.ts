import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { checkAgainstSchema } from './check-against-schema.ts';
import { mockProvider } from './mock-provider.ts';

const ask = (prompt: string, response_schema?: JsonObject) =>
  mockProvider.complete({
    model: 'default',
    prompt,
    idempotency_key: 'k',
    timeout_ms: 1_000,
    ...(response_schema && { response_schema }),
  });

const leaf = fc.oneof(
  fc.record({
    type: fc.constant('string'),
    minLength: fc.nat(5),
    maxLength: fc.integer({ min: 5, max: 300 }),
  }),
  fc.record({
    type: fc.constant('integer'),
    minimum: fc.integer({ min: -5, max: 0 }),
    maximum: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    type: fc.constant('number'),
    minimum: fc.integer({ min: -5, max: 0 }),
    maximum: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }) }),
  fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { const: 7 }),
);
const schema = fc.letrec<{ any: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf as fc.Arbitrary<JsonObject>, // records of JSON
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any')).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    })),
    fc
      .record({ items: tie('any'), minItems: fc.nat(2) })
      .map((list) => ({ type: 'array', ...list, maxItems: list.minItems + 2 })),
  ),
})).any;

function noPattern(source: string): never {
  throw new Error(`no schema here has a pattern, and not ${source}`);
}

describe('the mock', () => {
  test('obeys the schema it is asked for', async () => {
    await law(
      fc.asyncProperty(schema, fc.string(), async (wanted, prompt) => {
        const { text } = await ask(prompt, wanted);
        expect(checkAgainstSchema(text, wanted, { patternOf: noPattern, onCheck: () => {} })).toEqual({
          ok: true,
          value: JSON.parse(text),
        });
      }),
    );
  });

  test('says the same to the same question and something else to another', async () => {
    expect(await ask('What is up with the router?')).toEqual(await ask('What is up with the router?'));
    expect((await ask('One thing is broken here, please help.')).text).not.toBe(
      (await ask('Another thing is late, please look.')).text,
    );
  });

  test('picks the word of an enum that the prompt speaks of', async () => {
    const { text } = await ask('The invoice is wrong, billing charged twice', {
      type: 'object',
      properties: { topic: { enum: ['outage', 'billing', 'other'] } },
    });
    const answer: unknown = JSON.parse(text);
    expect(isJsonObject(answer) && answer['topic']).toBe('billing');
  });

  test('counts tokens by the length of the texts', async () => {
    const { input_tokens, output_tokens, text } = await ask('x'.repeat(400));
    expect([input_tokens, output_tokens]).toEqual([100, Math.ceil(text.length / 4)]);
  });
});
