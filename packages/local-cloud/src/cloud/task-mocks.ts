import { ApiError } from '@statebag/states';

/** What a mocked call comes to. */
export type MockedAnswer =
  | { readonly Return: unknown }
  | { readonly Throw: { readonly Error: string; readonly Cause?: string } };

/**
 * Answers of integrations by their names, as `sns:publish` or `aws-sdk:ecs:runTask`: the first call gets the
 * first
 * answer, and so on; the last one stays.
 */
export type TaskMocks = Readonly<Record<string, readonly MockedAnswer[]>>;

export interface OpenMocks {
  has(service: string, action: string): boolean;
  call(service: string, action: string): unknown;
}

export function openTaskMocks(mocks: TaskMocks): OpenMocks {
  const calls = new Map<string, number>();
  const answersOf = (name: string): readonly MockedAnswer[] =>
    Object.hasOwn(mocks, name) ? (mocks[name] ?? []) : [];
  return {
    has: (service, action) => answersOf(`${service}:${action}`).length > 0,
    call(service, action) {
      const name = `${service}:${action}`;
      const answers = answersOf(name);
      const number = calls.get(name) ?? 0;
      calls.set(name, number + 1);
      const answer = answers[Math.min(number, answers.length - 1)];
      if (!answer) throw new ApiError('UnknownOperationException', `there is no mock for ${name}`);
      if ('Return' in answer) return answer.Return;
      throw new ApiError(answer.Throw.Error, answer.Throw.Cause ?? '', { fields: { mocked: true } });
    },
  };
}
