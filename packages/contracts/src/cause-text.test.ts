import { expect, test } from '@jest/globals';
import { causeText } from './cause-text.ts';

test.each([
  ['{"errorType":"Store.Unavailable","errorMessage":"put failed","trace":[]}', 'put failed'],
  ['{"errorMessage":7}', '{"errorMessage":7}'],
  ['{ not JSON', '{ not JSON'],
  ['plain words', 'plain words'],
  ['', ''],
])('%s', (cause, text) => {
  expect(causeText(cause)).toBe(text);
});
