import type { Json, JsonObject } from '@statebag/contracts';
import {
  entered,
  executionSucceeded,
  exited,
  type Step,
  scheduled,
  started,
  story,
  succeeded,
} from './example-history.ts';

export const LARGE = 'x'.repeat(150_000);

export const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 60 };

export const READ = { ...TASK, Parameters: { FunctionName: 'read' } };

export const REVIEW: JsonObject = {
  StartAt: 'Review',
  States: {
    Review: { ...READ, ResultPath: '$.review', Next: 'Publish' },
    Publish: {
      ...READ,
      Parameters: { FunctionName: 'publish', 'status.$': '$.review.Payload.status' },
      End: true,
    },
  },
};

export const reviewed = (reply: Json, end: readonly Step[]) => ({
  definition: REVIEW,
  ...story([
    started({ text: LARGE }),
    entered('Task', 'Review', { text: LARGE }),
    scheduled({ FunctionName: 'read' }),
    succeeded({ Payload: reply }),
    ...end,
  ]),
});

export const failing = (steps: readonly Step[], definition = REVIEW) => ({
  definition,
  ...story([started(), entered('Task', 'Review'), ...steps]),
});

export const ended = (output: Json = {}): readonly Step[] => [
  exited('Task', 'Review', output),
  executionSucceeded(output),
];

export const SHORT = failing([scheduled(), succeeded({ Payload: 1 }), ...ended({ Payload: 1 })]);

export function longStory(events: number): { events: readonly JsonObject[] } {
  const steps: Step[] = [started()];
  while (steps.length < events) steps.push(entered('Pass', 'Turn'), exited('Pass', 'Turn'));
  return story(steps);
}
