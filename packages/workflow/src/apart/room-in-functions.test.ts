import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { APART_LIMITS } from './own-process.ts';

const SERVICES = join(import.meta.dirname, '..', '..', '..', '..', 'services');

/** Functions that evaluate, and what each takes itself: measured, see docs/maps.md and decision 0020. */
const TAKES_MB: Readonly<Record<string, number>> = {
  'segment-runner/executeSegment': 300,
  'segment-runner/prepareDistributedExecution': 187,
  'segment-runner/processSegmentChunk': 88,
  'async-llm/asyncLlmHandler': 100,
  'shadow/replaySegment': 300,
};

/** Lambda ends a function whose processes exceed its memory together, and no error says why. */
test.each(Object.entries(TAKES_MB))('%s has room for an evaluation at its limit', (name, own) => {
  const [service = '', key = ''] = name.split('/');
  const text = readFileSync(join(SERVICES, service, 'serverless.yml'), 'utf8');
  const [, memory] =
    new RegExp(`^  ${key}:\\n(?:    .*\\n)*?    memorySize: (?:\\$\\{param:\\w+, )?(\\d+)`, 'm').exec(text) ??
    [];
  const { memoryMb, nodeMb } = APART_LIMITS;
  expect(Number(memory)).toBeGreaterThanOrEqual(own + memoryMb + nodeMb);
});
