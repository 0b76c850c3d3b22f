import { covers, type Right } from './policies.ts';
import type { RecordedCalls } from './recorded-calls.ts';

/** Rights that no test makes use of, with the reason why they are there. Everything else that is never used is refused. */
export const UNUSED_RIGHTS: Readonly<Record<string, string>> = {
  'bedrock:InvokeModel': 'no model of Bedrock answers on one machine; the wire tests of the provider do without a function',
};

/** Rights that are missing, and rights that nobody uses. */
export function comparePermissions(rights: readonly Right[], recorded: RecordedCalls): readonly string[] {
  return [...missing(rights, recorded), ...unused(rights, recorded)];
}

function missing(rights: readonly Right[], recorded: RecordedCalls): string[] {
  return Object.entries(recorded).flatMap(([key, calls]) =>
    calls.filter((call) => !rights.some((right) => right.function === key && isUsedBy(right, call))).map((call) => `${key} calls ${call} and has no right to`),
  );
}

function unused(rights: readonly Right[], recorded: RecordedCalls): string[] {
  return rights
    .filter((right) => !(recorded[right.function] ?? []).some((call) => isUsedBy(right, call)))
    .filter(({ action, function: key }) => !Object.hasOwn(UNUSED_RIGHTS, action) && !Object.hasOwn(UNUSED_RIGHTS, `${key} ${action}`))
    .map(({ function: key, action, resource }) => `${key} may ${action} ${resource}, which no test was seen to use`);
}

function isUsedBy({ action, resource }: Right, call: string): boolean {
  const [called = '', on = ''] = call.split(' ');
  return action === called && covers(resource, on);
}
