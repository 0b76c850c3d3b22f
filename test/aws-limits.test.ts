import { expect, test } from '@jest/globals';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import { PAYLOAD_LIMITS } from '@statebag/local-cloud/testing';
import { LIMITS } from '@statebag/states';

test('the local cloud enforces the limits that the budgets are planned for', () => {
  expect({
    transitionBytes: LIMITS.payloadBytes,
    historyEvents: LIMITS.historyEvents,
    executionNameLength: LIMITS.nameLength,
    inlineMapConcurrency: LIMITS.mapInlineConcurrency,
    distributedMapConcurrency: LIMITS.mapDistributedConcurrency,
    lambdaPayloadBytes: PAYLOAD_LIMITS.request,
    lambdaEventBytes: PAYLOAD_LIMITS.event,
  }).toEqual(AWS_LIMITS);
});
