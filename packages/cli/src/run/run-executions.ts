import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../cloud/local-app.ts';
import { UsageError } from '../exit.ts';

/** The executions that are a run: the first one and its resumes, in order. @throws UsageError where there is no such run */
export async function runExecutions(sfn: SFNClient, run: string, dataDir: string): Promise<[string, ...string[]]> {
  const first = executionArnOf(run);
  if (!(await exists(sfn, first))) throw new UsageError(`${run}: no such run in ${dataDir}\n  mend: statebag list shows the runs of a data directory`);
  const arns: [string, ...string[]] = [first];
  for (let resume = 1; await exists(sfn, `${first}.r${resume}`); resume += 1) arns.push(`${first}.r${resume}`);
  return arns;
}

async function exists(sfn: SFNClient, executionArn: string): Promise<boolean> {
  try {
    await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return true;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return false;
    throw error;
  }
}

/** The run that an execution belongs to. */
export function runIdOf(executionArn: string): string {
  return (executionArn.split(':').at(-1) ?? '').replace(/\.r\d+$/, '');
}
