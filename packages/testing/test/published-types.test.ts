import { expect, test } from '@jest/globals';
import * as source from '@statebag/testing';
import type * as published from '../types/index.d.ts';

type Published = typeof published;
type Source = typeof source;

// biome-ignore lint/suspicious/noExplicitAny: any function
type Of = (...given: any[]) => unknown;
/** Methods are compared both ways in what they take: ids of the sources are texts with a mark that callers cannot make. */
type AsMethod<Fn> = Fn extends Of
  ? { of(...given: Parameters<Fn>): ReturnType<Fn> }
  : { readonly [Name in keyof Fn]: AsMethod<Fn[Name]> };
type Same<Wanted, Is> = [AsMethod<Is>] extends [AsMethod<Wanted>] ? true : false;

/** True where the source can stand where the published one is expected. */
const SAME: { readonly [Name in keyof Published]: Same<Published[Name], Source[Name]> } = {
  runWorkflow: true,
  fromFixture: true,
  succeeded: true,
  tookPath: true,
  called: true,
  stayedUnder: true,
  asRecorded: true,
  mustHold: true,
  matchers: true,
};

test('everything that is published has the types that the sources have, and nothing is left out', () => {
  expect(Object.keys(SAME).sort()).toEqual(Object.keys(source).sort());
});
