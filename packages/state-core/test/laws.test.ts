import { test } from '@jest/globals';
import { LAWS } from '../../../scripts/laws/state-core.ts';

test.each(LAWS)('$name', async ({ check }) => check({ numRuns: 100, interruptAfterTimeLimit: 20_000 }), 30_000);
