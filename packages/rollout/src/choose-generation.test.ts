import { describe, expect, test } from '@jest/globals';
import { executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { chooseGeneration, type Starting } from './choose-generation.ts';

const SETTINGS: RolloutSettings = {
  v3: 50,
  sticky: 'workflow',
  overrides: {},
  shadow: { on: false, share: 0 },
  kill_switch: false,
};

function starting(owner: string, workflow: string, execution = 'run'): Starting {
  return {
    owner_id: ownerId(owner),
    workflow_id: workflowId(workflow),
    execution_id: executionId(execution),
  };
}

const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const percent = fc.double({ min: 0, max: 100, noNaN: true });

describe('the choice of a generation', () => {
  test('when the weight rises moves workflows towards v3 only', () => {
    law(
      fc.property(
        id,
        id,
        percent,
        percent,
        fc.constantFrom('workflow' as const, 'run' as const),
        (owner, workflow, one, other, sticky) => {
          const start = starting(owner, workflow);
          const at = (v3: number) => chooseGeneration({ ...SETTINGS, sticky, v3 }, start);
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          expect(at(low) === 'v3' && at(high) === 'legacy').toBe(false);
          expect([at(0), at(100)]).toEqual(['legacy', 'v3']);
        },
      ),
      { cases: 1_000 },
    );
  });

  test('keeps all runs of an owner’s workflow on one side, or each run for itself', () => {
    const sides = (sticky: RolloutSettings['sticky']) =>
      new Set(
        Array.from({ length: 100 }, (_, run) =>
          chooseGeneration({ ...SETTINGS, sticky }, starting('owner', 'workflow', `run-${run}`)),
        ),
      );
    expect([sides('workflow').size, sides('run').size]).toEqual([1, 2]);
  });

  test.each([1, 10, 50, 99.5])('puts %d percent of 100,000 workflows on v3, within 0.7 points', (v3) => {
    const settings = { ...SETTINGS, v3 };
    const chosen = Array.from({ length: 100_000 }, (_, index) =>
      chooseGeneration(settings, starting(`owner-${index % 97}`, `workflow-${index}`)),
    );
    const share = chosen.filter((generation) => generation === 'v3').length / 1_000;
    expect(Math.abs(share - v3)).toBeLessThanOrEqual(0.7);
  });

  test('follows an override whatever the weight, and the kill switch whatever else', () => {
    const start = starting('owner', 'billing');
    const overrides = { [workflowId('billing')]: 'v3' } as const;
    expect(chooseGeneration({ ...SETTINGS, v3: 0, overrides }, start)).toBe('v3');
    expect(
      chooseGeneration({ ...SETTINGS, v3: 100, overrides: { [workflowId('billing')]: 'legacy' } }, start),
    ).toBe('legacy');
    expect(chooseGeneration({ ...SETTINGS, v3: 100, overrides, kill_switch: true }, start)).toBe('legacy');
  });
});
