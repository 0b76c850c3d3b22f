import { expect, test } from '@jest/globals';
import { isFunctionOf, machineOf } from './stage-names.ts';

const PROD = 'statebag-segment-runner-prod-executeSegment';
const PRE_PROD = 'statebag-segment-runner-pre-prod-executeSegment';

test.each([
  ['prod', PROD, true],
  ['prod', PRE_PROD, false],
  ['pre', PRE_PROD, false],
  ['pre-prod', PRE_PROD, true],
  ['prod', 'statebag-other-prod-executeSegment', false],
])('of the stage %s is %s: %s', (stage, name, is) => expect(isFunctionOf(stage, name)).toBe(is));

test.each([
  ['prod', 'statebag-v3-prod', 'v3'],
  ['prod', 'statebag-v3-distributed-prod', 'v3-distributed'],
  ['prod', 'statebag-v3-pre-prod', undefined],
  ['pre-prod', 'statebag-v3-pre-prod', 'v3'],
])('of the stage %s the machine %s is %s', (stage, name, machine) =>
  expect(machineOf(stage, name)).toBe(machine),
);
