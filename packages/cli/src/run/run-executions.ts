import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import type { ExecutionId } from '@statebag/contracts/ids';
import { executionArnOf } from '@statebag/deployment/local-app';
import type { RunRecord } from '@statebag/runs';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { commandLine } from '../render/command-line.ts';

/**
 * The executions that are a run: the first one and its resumes, in order. @throws UsageError where there is
 * no such run, or it never began
 */
export async function runExecutions(
  { sfn, runs }: Pick<OpenApp, 'sfn' | 'runs'>,
  run: string,
  dataDir: string,
): Promise<[string, ...string[]]> {
  const record = await whereRecorded(() => runs.getRun(run as ExecutionId)); // any text is looked for
  const first = record?.execution_arns[0] ?? executionArnOf(run);
  if (!(await exists(sfn, first)))
    throw new UsageError(
      record
        ? `${run}: ${whyNotBegun(record, dataDir)}`
        : `${run}: no such run in ${dataDir}\n  mend: ${commandLine(['list'], dataDir)} shows the runs there`,
    );
  const arns: [string, ...string[]] = [first];
  for (let resume = 1; await exists(sfn, `${first}.r${resume}`); resume += 1)
    arns.push(`${first}.r${resume}`);
  return arns;
}

function whyNotBegun({ status, queued_at }: RunRecord, dataDir: string): string {
  if (status !== 'RUNNING')
    return `it is ${status} and never began\n  mend: start another; nothing of it has run`;
  if (queued_at !== undefined)
    return `it waits to begin since ${queued_at}\n  mend: wait; ${commandLine(['queue', 'status'], dataDir)} shows how many wait`;
  return 'it was recorded and has not begun, because its start broke off\n  mend: start it again; nothing of it has run';
}

/**
 * What the table of runs says; nothing where a data directory has none, because nothing was deployed there.
 */
export async function whereRecorded<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
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
