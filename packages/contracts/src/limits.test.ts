import { expect, test } from '@jest/globals';
import { CONTROL_FIELDS } from './control-fields.ts';
import { AWS_LIMITS, BUDGET } from './limits.ts';
import { CONTROL_SCHEMAS } from './schemas/state-bag.ts';

test('one bag, one result and one cause together stay under the service’s limit', () => {
  expect(BUDGET.bag + BUDGET.result + BUDGET.cause).toBe(196_608);
  expect(BUDGET.bag + BUDGET.result + BUDGET.cause).toBeLessThan(AWS_LIMITS.transitionBytes);
});

test('a bag before an inline map leaves room for the pointers of its iterations', () => {
  expect(BUDGET.bagBeforeMap + 200 * BUDGET.branchPointer + BUDGET.cause).toBeLessThan(
    AWS_LIMITS.transitionBytes,
  );
});

test('the list of control fields and their schemas are the same fields', () => {
  expect(Object.keys(CONTROL_SCHEMAS)).toEqual([...CONTROL_FIELDS]);
});
