import { ApiError, type JsonActions } from '@statebag/states';
import type { LogStore } from './log-store.ts';

const MAX_EVENTS = 10_000;

/** CloudWatch Logs, as far as reading goes. */
export function createLogActions(logs: LogStore, arnOf: (group: string) => string): JsonActions {
  return {
    FilterLogEvents: async (input) => {
      const group = requireText(input, 'logGroupName');
      const limit = Math.min(numberOf(input, 'limit', MAX_EVENTS), MAX_EVENTS);
      const stream = input['logStreamNames'];
      const events = logs.filter({
        group,
        limit,
        contains: parseFilterPattern(textOf(input, 'filterPattern')),
        startTime: numberOf(input, 'startTime', 0),
        endTime: numberOf(input, 'endTime', Number.MAX_SAFE_INTEGER),
        afterId: Number(textOf(input, 'nextToken') || 0),
        ...(Array.isArray(stream) && typeof stream[0] === 'string' ? { stream: stream[0] } : {}),
      });
      const last = events.at(-1);
      const described = events.map(({ id, stream: logStreamName, timestamp, message }) => ({
        eventId: String(id),
        logStreamName,
        timestamp,
        ingestionTime: timestamp,
        message,
      }));
      return {
        events: described,
        searchedLogStreams: [],
        ...(events.length === limit && last !== undefined ? { nextToken: String(last.id) } : {}),
      };
    },
    DescribeLogGroups: async (input) => ({
      logGroups: logs.groups(textOf(input, 'logGroupNamePrefix')).map((logGroupName) => ({
        logGroupName,
        arn: `${arnOf(logGroupName)}:*`,
        creationTime: 0,
        storedBytes: 0,
      })),
    }),
  };
}

/**
 * Terms of a filter pattern, quoted or not, that all have to occur in a line. Structured patterns are refused
 * rather than misread.
 */
function parseFilterPattern(pattern: string): string[] {
  if (/^\s*[{[%]/.test(pattern))
    throw new ApiError(
      'InvalidParameterException',
      'the local cloud understands filter patterns of plain or quoted terms only',
    );
  return [...pattern.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

function requireText(input: Record<string, unknown>, name: string): string {
  const text = textOf(input, name);
  if (text === '') throw new ApiError('InvalidParameterException', `${name} is missing`);
  return text;
}

function textOf(input: Record<string, unknown>, name: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : '';
}

function numberOf(input: Record<string, unknown>, name: string, fallback: number): number {
  const value = input[name];
  return typeof value === 'number' ? value : fallback;
}
