import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { readWorkflow } from '../read-workflow.ts';
import { kindOfKey } from './looks-like-key.ts';

function problemsOf(node: JsonObject): readonly string[] {
  const document = { name: 's', nodes: [{ id: 'a', output_key: 'o', ...node }] };
  return readWorkflow(JSON.stringify(document), { file: 's.json' }).diagnostics.map(({ code }) => code);
}
const call = (config: JsonObject) => ({ type: 'api_call', config: { url: 'https://x.example/', ...config } });
const USE = "{{ $secret('shop-key') }}";

describe('a secret', () => {
  const right: readonly [string, JsonObject][] = [
    ['a header', call({ headers: { authorization: `Bearer ${USE}` } })],
    ['a body', call({ method: 'POST', body: { deep: [{ in: USE }] } })],
    ['a header, out of Secrets Manager', call({ headers: { k: "{{ $secret('secrets-manager/shop') }}" } })],
    ['an expression of a header', call({ headers: { a: "{% $base64encode($secret('k')) %}" } })],
    ['an address', call({ url: `https://x.example/?key=${USE}` })],
    ['the event of a function', { type: 'lambda', config: { function_arn: 'arn:f', payload: { a: USE } } }],
  ];
  for (const [where, node] of right)
    test(`may stand in ${where}`, () => expect(problemsOf(node)).toEqual([]));

  const wrong: readonly [string, JsonObject][] = [
    ['a prompt', { type: 'llm_chat', config: { prompt: USE } }],
    ['standing instructions', { type: 'llm_chat', config: { prompt: 'p', system: USE } }],
    ['a transform', { type: 'data_transform', config: { transform: { a: USE } } }],
    ['an operator', { type: 'operator', config: { set: { a: USE } } }],
  ];
  for (const [where, node] of wrong)
    test(`may not stand in ${where}`, () => expect(problemsOf(node)).toContain('misplaced-secret'));

  const misused: readonly string[] = [
    '$secret()',
    '$secret(name)',
    "$secret('a' & 'b')",
    "$secret('a', 'b')",
    "$secret('../a')",
    "$secret('secrets-manager/../a')",
    "$secret('secrets-manager/')",
    "$secret('other/a')",
    "$secret('')",
    '$map(list, $secret)',
    '$secret',
    "'a' ~> $secret",
    '($secret := 1; $secret)',
    '$secret(?)',
  ];
  for (const expression of misused)
    test(`cannot be named by ${expression}`, () =>
      expect(problemsOf(call({ headers: { a: `{% ${expression} %}` } }))).toContain('bad-expression'));
});

describe('validate remarks on', () => {
  const keys: readonly string[] = [
    'Bearer abcdefghijklmnop0123',
    'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789',
    'AKIAIOSFODNN7EXAMPLE',
    'AIzaSyA1234567890abcdefghijklmnopqrstuv',
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    'xoxb-123456789012-abcdefghij',
    'sk_live_abcdefghijklmnop',
    '-----BEGIN RSA PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    'Basic bWU6cGFzc3dvcmQxMjM=',
    'https://me:password@x.example/',
    'https://x.example/x?api_key=AKIASECRET',
    'key: q7Zp2LmXv9TbR4cW8nKd3HsY6gJf1QaE',
  ];
  for (const key of keys)
    test(`${key.slice(0, 24)}…`, () =>
      expect(problemsOf(call({ headers: { a: key } }))).toEqual(['looks-like-key']));

  const words: readonly string[] = [
    'Bearer {{ token }}',
    `Bearer ${USE}`,
    'https://x.example/x?api_key={{ key }}&page=2',
    'a'.repeat(64),
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'Summarise the following contract in at most three sentences, for a lawyer.',
    'arn:aws:lambda:us-east-1:123456789012:function:orders-production-createOrder',
    'https://example.com/a/long/path/with-many-words/and/Some/Capitals/2026/11/28',
    '123e4567-e89b-12d3-a456-426614174000',
  ];
  for (const word of words) test(`nothing in ${word.slice(0, 40)}`, () => expect(kindOfKey(word)).toBeNull());
});
