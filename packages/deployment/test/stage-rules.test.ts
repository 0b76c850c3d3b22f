import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

interface StageRules {
  refuseStage(stage: string, custom: object): void;
  withoutUnusedRole(template: { readonly Resources: object }): object;
}
const { refuseStage, withoutUnusedRole }: StageRules = createRequire(import.meta.url)('../stage-rules.cjs');

test.each(['dev', 'pre-prod', 'a', 'staging-10'])('a stage may be called %s', (stage) =>
  expect(() => refuseStage(stage, {})).not.toThrow(),
);

test.each(['Dev', 'staging-110', '1st', 'a_b', 'a-', ''])('no stage is called %j, and why is said', (stage) =>
  expect(() => refuseStage(stage, {})).toThrow(/at most 10 small letters.*--stage/),
);

test('prod takes no mock, wherever it was chosen; other stages do', () => {
  expect(() => refuseStage('prod', { mockMode: 'true' })).toThrow(/STATEBAG_MOCK_MODE/);
  refuseStage('prod', { mockMode: 'false' });
  refuseStage('pre-prod', { mockMode: 'true' });
});

test('a role that nothing refers to is left out, and one that something does is not', () => {
  const Resources = { IamRoleLambdaExecution: { Type: 'AWS::IAM::Role' }, Other: { Type: 'AWS::IAM::Role' } };
  expect(withoutUnusedRole({ Resources })).toEqual({ Resources: { Other: Resources.Other } });
  const used = {
    Resources: { ...Resources, Fn: { Role: { 'Fn::GetAtt': ['IamRoleLambdaExecution', 'Arn'] } } },
  };
  expect(withoutUnusedRole(used)).toBe(used);
});
