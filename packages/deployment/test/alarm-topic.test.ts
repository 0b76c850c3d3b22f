import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

interface Resolver {
  resolveVariable(name: string): Promise<string>;
}
const { actions, resources }: Record<'actions' | 'resources', (resolver: Resolver) => Promise<object>> =
  createRequire(import.meta.url)('../alarm-topic.cjs');

/** A template that chose this. */
const chosen = (values: Readonly<Record<string, string>>): Resolver => ({
  resolveVariable: async (name) => ({ 'sls:stage': 'dev', ...values })[name] ?? '',
});
const TOPIC = { 'self:custom.alarmTopicArn': 'arn:topic' };
const EMAIL = { 'self:custom.alarmEmail': 'ops@example.org' };

test('alarms reach nobody, a topic that is there, or an address through a topic of the stage', async () => {
  expect(await actions(chosen({}))).toEqual({});
  expect(await actions(chosen(TOPIC))).toEqual({ AlarmActions: ['arn:topic'], OKActions: ['arn:topic'] });
  const own = [{ 'Fn::Sub': expect.stringMatching(/:statebag-alarms-dev$/) }];
  expect(await actions(chosen(EMAIL))).toEqual({ AlarmActions: own, OKActions: own });
});

test('a topic is made for an address, unless there is one', async () => {
  expect(await resources(chosen({}))).toEqual({ Resources: {} });
  expect(await resources(chosen({ ...TOPIC, ...EMAIL }))).toEqual({ Resources: {} });
  expect(await resources(chosen(EMAIL))).toMatchObject({
    Resources: {
      AlarmTopic: {
        Properties: {
          TopicName: 'statebag-alarms-dev',
          Subscription: [{ Protocol: 'email', Endpoint: 'ops@example.org' }],
        },
      },
    },
  });
});
