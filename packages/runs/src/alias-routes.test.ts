import { expect, test } from '@jest/globals';
import { REMEMBERED_MS, type Route, rememberedRoutes } from './alias-routes.ts';

const ALIAS = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-dev:live';

/** An alias that is asked for; each answer leads to a version of its own. */
function alias() {
  let [time, asked, refusal]: [number, number, Error | undefined] = [0, 0, undefined];
  const read = async (): Promise<readonly Route[]> => {
    asked += 1;
    if (refusal) throw refusal;
    return [{ version: `${asked}`, weight: 100 }];
  };
  const routes = rememberedRoutes(read, () => time);
  return {
    version: async () => (await routes(ALIAS))[0]?.version,
    asked: () => asked,
    pass: (millis: number) => {
      time += millis;
    },
    refuse: (name: string | undefined) => {
      refusal = name === undefined ? undefined : Object.assign(new Error('Rate exceeded'), { name });
    },
  };
}

test('an alias is asked for once in a while, however many runs start', async () => {
  const { version, asked, pass } = alias();
  for (let run = 0; run < 100; run++) await version();
  expect(asked()).toBe(1);
  pass(REMEMBERED_MS);
  expect(await version()).toBe('2');
});

test('where the service is asked too often, what is known holds, and ever longer', async () => {
  const { version, asked, pass, refuse } = alias();
  await version();
  refuse('ThrottlingException');
  for (let second = 0; second < 600; second++) {
    pass(1_000);
    expect(await version()).toBe('1');
  }
  expect(asked()).toBeLessThan(20);
  refuse(undefined);
  pass(60_000);
  expect(await version()).not.toBe('1');
});

test('a start fails where nobody knows where the alias leads, or the service refuses to say', async () => {
  const { version, pass, refuse } = alias();
  refuse('ThrottlingException');
  await expect(version()).rejects.toThrow('Rate exceeded');
  refuse(undefined);
  await version();
  refuse('StateMachineDoesNotExist');
  pass(REMEMBERED_MS);
  await expect(version()).rejects.toThrow('Rate exceeded');
});
