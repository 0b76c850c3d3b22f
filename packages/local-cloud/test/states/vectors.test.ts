import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { passedShare, renderReport } from '../../../../scripts/vectors/report.ts';
import { runVectors } from '../../../../scripts/vectors/run-vectors.ts';
import { readVectors } from '../../../../scripts/vectors/vector.ts';

const FILE = new URL('../../../../../shared/vectors/asl/aws-recorded.jsonl', import.meta.url).pathname;
const recorded = existsSync(FILE) ? describe : describe.skip;
if (!existsSync(FILE)) console.warn('the recorded answers of AWS are not here; their test is skipped');

recorded('recorded answers of AWS Step Functions', () => {
  test('end here as they ended there, through the HTTP API', async () => {
    const results = await runVectors(readVectors(FILE));
    const failed = results.filter(({ verdict }) => verdict.kind === 'failed');
    expect(failed.length === 0 ? '' : renderReport(results)).toBe('');
    expect(passedShare(results)).toBe(1);
  }, 60_000);
});
