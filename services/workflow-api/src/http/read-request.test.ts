import { expect, test } from '@jest/globals';
import { validateStartRunBody } from '@statebag/contracts/validators';
import { readRequest } from './read-request.ts';

const CLAIMS = { iss: 'https://issuer.test/', sub: 'ada' };

const bodyOf = (body: string, isBase64Encoded = false) =>
  readRequest<{ readonly input: object }>(
    {
      routeKey: 'POST /runs',
      requestContext: { authorizer: { jwt: { claims: CLAIMS } } },
      body,
      isBase64Encoded,
    },
    { body: validateStartRunBody },
    undefined,
  ).body;

const withInput = (input: string) => `{"workflow_id":"w","workflow":{},"input":${input}}`;

test('a body is taken as it was sent', () =>
  expect(bodyOf(withInput('{"n":9007199254740991,"ä":"💥"}')).input).toEqual({
    n: 9007199254740991,
    ä: '💥',
  }));

test.each([
  ['{"n":9007199254740993}', /\$\.input\.n .*9007199254740993 is beyond 2\^53/],
  ['{"n":1,"n":2}', /\$\.input\.n .*the key "n" stands here a second time/],
  ['{"n":1e999}', /\$\.input\.n .*1e999 is larger than any number/],
  ['{"n":"\\ud800"}', /\$\.input\.n .*surrogate/],
  ['{"__proto__":{}}', /\$\.input\.__proto__/],
  ['{', /this is not JSON/],
  [`${'['.repeat(5_000)}`, /deeper than/],
])('refuses what a reader would change or lose: %#', (input, said) =>
  expect(() => bodyOf(withInput(input))).toThrow(
    expect.objectContaining({ name: 'Contract.EventRejected', message: expect.stringMatching(said) }),
  ),
);

test('refuses bytes that are no UTF-8', () =>
  expect(() => bodyOf(Buffer.from([0x22, 0xff, 0x22]).toString('base64'), true)).toThrow('is not UTF-8'));
