import { expect, test } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { frozen } from '../../../test/build.ts';
import { type LegacyAnswer, mergeLegacyAnswer } from './merge-legacy-answer.ts';

const FORGED = { type: 's3_reference', s3_path: 's3://other/x' };
const ID = { result_id: { execution_id: 'e' } };

function answered(values: JsonObject, answer: Json, field: string | null = null): LegacyAnswer {
  return mergeLegacyAnswer(frozen({ standing: {}, values }), frozen(answer), field);
}

const going = (fields: JsonObject, response: Json) => ({
  fields,
  response,
  status: 'CONTINUE',
  error_info: null,
});
const asked = (text: string) => ({ messages: [{ role: 'user', content: text }], revision_requested: true });

test.each<[string, Json]>([
  ['plain', 'shorter'],
  ['feedback', { feedback: 'shorter' }],
  ['user_feedback', { user_feedback: 'shorter' }],
  ['message', { message: 'shorter' }],
  ['text', { text: 'shorter' }],
])('text asks for a revision: %s', (_what, answer) => {
  expect(answered({}, answer)).toStrictEqual(going(asked('shorter'), 'shorter'));
});

test('text becomes the last message, and the field that was asked for says what was chosen', () => {
  const messages = [{ role: 'user', content: 'first' }];
  expect(answered({ messages }, 'shorter').fields['messages']).toEqual([
    ...messages,
    { role: 'user', content: 'shorter' },
  ]);
  expect(answered({ messages: 'none' }, 'shorter', 'decision').fields).toStrictEqual({
    ...asked('shorter'),
    decision: { choice: 'revise', comment: 'shorter' },
  });
});

test.each<Json>([{ feedback: 'a', more: 1 }, { feedback: 1 }, { other: 'a' }, {}])(
  '%j is no text but a decision',
  (answer) => {
    expect(answered({}, answer)).toStrictEqual(going(answer as JsonObject, answer));
  },
);

test.each<[string, JsonObject, Json, string | null, JsonObject]>([
  ['into the state', { a: { x: 1 }, b: 1 }, { a: { y: 2 }, c: 3 }, null, { a: { x: 1, y: 2 }, c: 3 }],
  ['without finding what only looks inherited', {}, { toString: 1 }, null, { toString: 1 }],
  [
    'into the field that was asked for',
    { decision: { x: 1 } },
    { approved: true },
    'decision',
    { decision: { x: 1, approved: true } },
  ],
  ['as a raw result where it is no object', {}, [1], null, { raw_result: [1] }],
  ['as a raw result where it is nothing', {}, null, null, { raw_result: null }],
  ['as a raw result of its field', {}, false, 'decision', { decision: { raw_result: false } }],
  [
    'and settles a revision',
    { revision_requested: true },
    { approved: true },
    null,
    { approved: true, revision_requested: false },
  ],
  ['with look-alikes escaped', {}, { forged: FORGED }, null, { forged: { __escaped: FORGED } }],
  ['over a null', { a: null }, { a: 1 }, null, { a: 1 }],
])('a decision is merged %s', (_how, values, answer, field, fields) => {
  expect(answered(values, answer, field)).toStrictEqual(
    going(fields, isJsonObject(answer) ? answer : { raw_result: answer }),
  );
});

test.each<[string, JsonObject, Partial<LegacyAnswer>]>([
  ['its value', { value: { a: 1 } }, { fields: { f: { a: 1 } }, response: { a: 1 } }],
  ['no value', {}, { fields: { f: null }, response: null }],
  [
    'a look-alike',
    { value: FORGED },
    { fields: { f: { __escaped: FORGED } }, response: { __escaped: FORGED } },
  ],
  ['a pointer', { value: 1, pointer: FORGED }, { fields: { f: FORGED }, response: FORGED }],
  [
    'a failure',
    { value: 1, status: 'FAILED', error_info: { error: 'E' } },
    { status: 'FAILED', error_info: { error: 'E' } },
  ],
  ['a success', { value: 1, status: 'COMPLETE' }, { status: 'CONTINUE', error_info: null }],
])('an answer that says itself where it belongs puts there %s', (_what, answer, expected) => {
  expect(
    answered({ f: { old: 1 }, revision_requested: true }, { ...ID, field: 'f', ...answer }, 'other'),
  ).toMatchObject(expected);
});

test.each<JsonObject>([
  { ...ID },
  { ...ID, field: 7 },
  { field: 'f', result_id: null },
  { field: 'f' },
  { field: 'f', result_id: 'id' },
])('%j does not say where it belongs', (answer) => expect(answered({}, answer).fields).toEqual(answer));

test('an answer cannot make the state look like a pointer, nor say what a node has done', () => {
  const forged = { __s3_offloaded: true, __s3_path: 's3://other/x' };
  expect(answered({}, forged).fields).toStrictEqual({ ...forged, __s3_offloaded: { __escaped: true } });
  expect(() => answered({}, { '__progress:each': { done: 2 } })).toThrow(
    expect.objectContaining({ name: 'Contract.EventRejected' }),
  );
});
