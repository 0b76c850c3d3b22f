import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import type { Template } from '../src/package/template.ts';

interface Reserving {
  placesIn(text: string): Readonly<Record<string, number>>;
  withReserved(template: Template, places: Readonly<Record<string, number>>): Template;
}

const { placesIn, withReserved }: Reserving = createRequire(import.meta.url)('../reserved-places.cjs');

const fn = (FunctionName: string) => ({ Type: 'AWS::Lambda::Function', Properties: { FunctionName } });

test('a function has the places that are chosen for it, and no other has any', () => {
  const Resources = {
    Runs: fn('statebag-segment-runner-pre-prod-executeSegment'),
    Other: fn('statebag-segment-runner-pre-prod-processSegmentChunk'),
    Table: { Type: 'AWS::DynamoDB::Table' },
  };
  const places = placesIn('{"executeSegment": 50, "stateDataManager": 0}');
  expect(withReserved({ Resources }, places)).toEqual({
    Resources: {
      ...Resources,
      Runs: {
        ...Resources.Runs,
        Properties: { ...Resources.Runs.Properties, ReservedConcurrentExecutions: 50 },
      },
    },
  });
});

test.each([
  ['{', '{ is no JSON'],
  ['[]', '[] is no JSON object'],
  ['{"executeSegments": 1}', 'no function is called executeSegments; there are initializeStateData, '],
  ['{"executeSegment": 1.5}', 'executeSegment needs a whole number from 0'],
])('%s is refused with what is wrong', (text, message) => {
  expect(() => placesIn(text)).toThrow(`reservedConcurrency: ${message}`);
});
