import { withHttpCloud } from './http-cloud.ts';
import type { Result } from './report.ts';
import { runVector } from './run-vector.ts';
import type { Vector } from './vector.ts';

/** Runs vectors one after the other on one local cloud. */
export function runVectors(vectors: readonly Vector[]): Promise<readonly Result[]> {
  return withHttpCloud(async (cloud) => {
    const results: Result[] = [];
    for (const [index, vector] of vectors.entries())
      results.push({ vector, verdict: await runVector(vector, cloud, `machine-${index}-of-vectors`) });
    return results;
  });
}
