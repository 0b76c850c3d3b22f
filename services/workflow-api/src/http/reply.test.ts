import { expect, test } from '@jest/globals';
import { accept, StatebagError } from '@statebag/contracts';
import { validateStartRunBody } from '@statebag/contracts/validators';
import { refusal } from './reply.ts';

function refusalOf(body: object): unknown {
  try {
    return accept(validateStartRunBody, body, 'body');
  } catch (error) {
    return JSON.parse(refusal(error, 'request-1').body);
  }
}

test('a start without workflow_id says what the request lacks, not what a deployment may lack', () => {
  expect(refusalOf({ input: {} })).toMatchObject({
    error: {
      code: 'Contract.EventRejected',
      message: expect.stringContaining('workflow_id'),
      mend: expect.stringMatching(/^Correct the request .* docs\/openapi\.json/),
    },
  });
});

test('a start that too many wait before is refused with the time after which it may be tried again', () => {
  const { statusCode, headers } = refusal(
    new StatebagError('Run.TooManyWaiting', 'no more may'),
    'request-1',
  );
  expect([statusCode, headers?.['retry-after']]).toEqual([429, '30']);
});
