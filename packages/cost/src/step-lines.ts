import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { StepLine } from '@statebag/step-kit';

/** The line of every invocation of a run, from the functions' logs. */
export async function readStepLines(
  logs: CloudWatchLogsClient,
  logGroups: readonly string[],
  executionId: string,
): Promise<StepLine[]> {
  const lines: StepLine[] = [];
  for (const logGroupName of logGroups) {
    let nextToken: string | undefined;
    do {
      const page = await logs.send(
        new FilterLogEventsCommand({
          logGroupName,
          filterPattern: `"${executionId}" "statebag"`,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      for (const { message = '' } of page.events ?? []) {
        const line = stepLineIn(message);
        if (line?.execution_id === executionId) lines.push(line);
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return lines;
}

function stepLineIn(message: string): StepLine | undefined {
  if (!message.includes('"statebag":"step"')) return undefined;
  return JSON.parse(message.slice(message.indexOf('{'))) as StepLine; // step-kit wrote it: the marker says so
}
