import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { inlineState } from '@statebag/contracts/pointers';
import { DeployedTestApp, largestTransition, transform } from './deployed-app.ts';

const { branch_count: GIVEN } = JSON.parse(
  readFileSync(pathOf(import.meta.dirname, 'fixtures', 'test_parallel_heavy.json'), 'utf8'),
);
const BRANCH_BYTES = 500 * 1024;
/** What the design allows one bag, one result and one cause together. */
const LARGEST_TRANSITION = 204_800;

/**
 * The workflow that the generator's parameters stand for: branches side by side, each writing 500 KB of its
 * own, and a node that counts them.
 */
function parallelHeavy(branches: number): JsonObject {
  const ids = Array.from({ length: branches }, (_, index) => `b${index}`);
  return {
    name: `parallel-heavy-${branches}`,
    nodes: [
      {
        id: 'heavy',
        type: 'parallel_group',
        config: {
          branches: ids.map((id) => ({
            id,
            nodes: [transform(id, `{% $pad('', ${BRANCH_BYTES}, '${id} ') %}`)],
          })),
        },
      },
      transform('first_characters', `{% [${ids.map((id) => `$substringBefore(${id}, ' ')`).join(', ')}] %}`),
    ],
  };
}

describe.each([GIVEN as number, 200])('TC-4: %i branches of 500 KB each', (branches) => {
  let app: DeployedTestApp;
  beforeAll(async () => {
    app = await DeployedTestApp.open();
  }, 60_000);
  afterAll(() => app.close());

  test('TC-4.1 to 4.3: all are joined in order, transitions stay small, no process reads an object twice', async () => {
    const run = await app.run(parallelHeavy(branches));
    expect(run).toMatchObject({ status: 'SUCCEEDED', error: '', cause: '' });
    const { hydrator } = app.session(run.envelope as never);
    const { first_characters } = await hydrator.fields(run.envelope?.state_data ?? inlineState({}), [
      'first_characters',
    ]);
    expect(first_characters).toEqual(Array.from({ length: branches }, (_, index) => `b${index}`));
    const largest = largestTransition(await app.history(run.executionArn));
    expect(largest).toBeLessThan(LARGEST_TRANSITION);
    const join = app
      .stepLines('state-data-manager-local-stateDataManager')
      .filter(({ action }) => action === 'aggregate_branches');
    expect(join).toHaveLength(1);
    expect(join[0]?.s3.gets).toBeLessThanOrEqual(branches);
    console.info(
      `${branches} branches: largest transition ${largest} bytes, join read ${join[0]?.s3.gets} objects`,
    );
  }, 120_000);
});
