import { expect, test } from '@jest/globals';
import { differenceOf } from './definitions.ts';

test('a definition differs where a state does, and not where a name was filled in', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form under test
  const wanted = { States: { A: { Resource: 'arn:${RunnerArn}:1', End: true } } };
  expect(
    differenceOf(
      wanted,
      { States: { A: { Resource: 'arn:x:1', End: true, QueryLanguage: 'JSONPath' } } },
      '$',
    ),
  ).toBeUndefined();
  expect(differenceOf(wanted, { States: { A: { Resource: 'arn:x:2', End: true } } }, '$')).toMatch(
    /^\$\.States\.A\.Resource is "arn:x:2"/,
  );
  expect(differenceOf(wanted, { States: { A: { Resource: 'arn:x:1' } } }, '$')).toBe(
    '$.States.A.End is undefined, not true',
  );
});
