import {
  DescribeMapRunCommand,
  type ExecutionStatus,
  type MapRunItemCounts,
  paginateListExecutions,
} from '@aws-sdk/client-sfn';
import { type Child, childrenOf } from '@statebag/doctor';
import { UsageError } from '../exit.ts';
import type { Looked } from './looked.ts';
import { parseArn, type Reading, readExecution } from './read-aws.ts';

/** Of a map run: what failed explains it, and of what succeeded a few show the sizes. */
const WANTED: readonly (readonly [status: ExecutionStatus, most: number])[] = [
  ['FAILED', 3],
  ['TIMED_OUT', 2],
  ['ABORTED', 1],
  ['SUCCEEDED', 2],
  ['RUNNING', 1],
];
const DEEPEST = 3;

/**
 * An execution with some of those that it started: by its distributed Maps, and by tasks that failed with them,
 * and what those started in turn. What may not be read is said.
 */
export async function readFamily(reading: Reading, parent: Looked, most: number): Promise<readonly Looked[]> {
  const family: Looked[] = [];
  let now: readonly Looked[] = [parent];
  for (let depth = 0; now.length > 0 && depth <= DEEPEST; depth += 1) {
    const next: Looked[] = [];
    for (const each of now) {
      const room = depth === DEEPEST ? 0 : most - family.length - next.length;
      const { children, said } = await readChildren(reading, each, room);
      const unknown = [...(each.patient.unknown ?? []), ...said];
      family.push({ ...each, patient: { ...each.patient, unknown } });
      next.push(...children);
    }
    now = next;
  }
  return family;
}

interface Followed {
  readonly children: readonly Looked[];
  /** What was not looked at, or cannot be. */
  readonly said: readonly string[];
}

async function readChildren(reading: Reading, parent: Looked, most: number): Promise<Followed> {
  const children: Looked[] = [];
  const said: string[] = [];
  for (const child of childrenOf(parent.patient.events ?? [])) {
    try {
      const { arns, counted } = await executionsOf(reading, child);
      const looked = await Promise.all(
        arns
          .slice(0, Math.max(0, most - children.length))
          .map((arn) => readChild(reading, arn, { parent, child })),
      );
      children.push(...looked);
      if (counted !== undefined) said.push(`${counted}; ${looked.length} of its executions were looked at`);
    } catch (error) {
      said.push(`${child.arn} of ${child.state} was not followed: ${reasonOf(error)}`);
    }
  }
  return { children, said };
}

async function executionsOf(
  { sfn }: Reading,
  { arn, kind, state }: Child,
): Promise<{ readonly arns: readonly string[]; readonly counted?: string }> {
  if (kind === 'execution') return { arns: [arn] };
  const { itemCounts } = await sfn.send(new DescribeMapRunCommand({ mapRunArn: arn }));
  const arns: string[] = [];
  for (const [statusFilter, wanted] of WANTED) {
    const query = { mapRunArn: arn, statusFilter, maxResults: wanted };
    for await (const { executions = [] } of paginateListExecutions({ client: sfn }, query)) {
      arns.push(...executions.slice(0, wanted).flatMap(({ executionArn }) => executionArn ?? []));
      break;
    }
  }
  return { arns, counted: `the map run of ${state} (${arn}): ${countsText(itemCounts)}` };
}

function countsText(counts: MapRunItemCounts | undefined): string {
  const {
    total = 0,
    succeeded = 0,
    failed = 0,
    timedOut = 0,
    aborted = 0,
    pending = 0,
    running = 0,
  } = counts ?? {};
  const named = { succeeded, failed, 'timed out': timedOut, aborted, pending, running };
  const parts = Object.entries(named).flatMap(([word, count]) => (count > 0 ? [`${count} ${word}`] : []));
  return `${total} items${parts.length > 0 ? `, ${parts.join(', ')}` : ''}`;
}

async function readChild(
  reading: Reading,
  arn: string,
  { parent, child }: { readonly parent: Looked; readonly child: Child },
): Promise<Looked> {
  const parsed = parseArn(arn);
  if (!parsed) throw new UsageError(`${arn}: no ARN of an execution`);
  const looked = await readExecution(reading, parsed);
  return {
    ...looked,
    startedBy: { execution: parent.name, state: child.state },
    // its definition is a part of the one that was looked at already
    patient: { ...looked.patient, isPart: child.kind === 'map-run' },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (/AccessDenied/.test(error.name)) return 'the right to read it is missing (statebag doctor --rights)';
  return error.message.split('\n')[0] ?? error.name;
}
