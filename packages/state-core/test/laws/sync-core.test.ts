import { test } from '@jest/globals';
import { LAWS } from './sync-core.ts';

test.each(LAWS)('$name', ({ check }) => check({ cases: 100 }), 60_000);
