import { isStatebagError, type JsonObject } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import type { ExecutionId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { type ForkPlace, type PlannedFork, planFork, refuseSame } from '@statebag/rollout/fork';
import type { RunRecord } from '@statebag/runs';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { commandLine } from '../render/command-line.ts';
import type { Decisions } from '../run/decisions.ts';
import { whereRecorded } from '../run/run-executions.ts';

/** Where forks of this machine begin. */
export function forkPlace({ sfn, s3, runs }: Pick<OpenApp, 'sfn' | 's3' | 'runs'>): ForkPlace {
  return {
    sfn,
    runs,
    process: openStore(s3ObjectStore(s3)),
    bucket: LOCAL_APP.bucket,
    machine_arn: `${LOCAL_APP.machineArn}:live`,
    now: Date.now,
  };
}

/** The record of a run. @throws UsageError where there is none */
export async function recordOf(
  { runs }: Pick<OpenApp, 'runs'>,
  run: string,
  dataDir: string,
): Promise<RunRecord> {
  const record = await whereRecorded(() => runs.getRun(run as ExecutionId)); // any text is looked for
  if (record) return record;
  throw new UsageError(
    `${run}: no such run in ${dataDir}\n  mend: ${commandLine(['list'], dataDir)} shows the runs there`,
  );
}

/** What a fork of this machine is to be. */
export interface Wished {
  readonly parent: RunRecord;
  readonly workflow?: CompiledWorkflow | undefined;
  readonly at?: string | undefined;
  readonly set?: JsonObject | undefined;
  readonly mark?: string | undefined;
}

/** Plans a fork under an id that nobody has. @throws UsageError for one that cannot be, or would be the run again */
export async function plannedFork(
  place: ForkPlace,
  { mark = freshMark(), ...wished }: Wished,
): Promise<PlannedFork> {
  try {
    const planned = await planFork(place, { ...wished, mark });
    refuseSame(planned, wished.at);
    return planned;
  } catch (error) {
    if (!isStatebagError(error) || !CALLERS.has(error.name)) throw error;
    throw new UsageError(`${error.message}\n  mend: ${ERRORS[error.name].mend}`);
  }
}

/** What the caller asked for and cannot have. */
const CALLERS: ReadonlySet<string> = new Set(['Run.NotForkable', 'Pointer.LookAlike']);

function freshMark(): string {
  return Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
}

/** `--set field=json`; what is no JSON is a text. @throws UsageError for what names no field */
export function fieldsOf(texts: readonly string[]): JsonObject {
  return Object.fromEntries(
    texts.map((text) => {
      const [, field = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (field !== '') return [field, jsonOrText(value)];
      throw new UsageError(`--set ${text}: not a field and its value\n  mend: write --set topic='"tea"'`);
    }),
  );
}

function jsonOrText(text: string): JsonObject[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text; // as on every shell, where quotes of a text are easily lost
  }
}

/** What people decided in the run behind the point where the fork begins, as answers given beforehand. */
export async function decisionsOfParent(
  { runs }: Pick<OpenApp, 'runs'>,
  { parent, envelope, change }: PlannedFork,
): Promise<Decisions> {
  const edited = new Set<string>(change.changed);
  const approvals = await runs.listApprovals(parent.execution_id);
  const behind = approvals
    .filter(
      ({ loop_counter, request }) =>
        loop_counter > envelope.state_data.loop_counter && !edited.has(request.node_id),
    )
    .toSorted((left, right) => left.asked_at.localeCompare(right.asked_at));
  const choices = Map.groupBy(
    behind.flatMap(({ request: { node_id }, decision }) =>
      decision?.choice ? [{ node_id: String(node_id), choice: decision.choice }] : [],
    ),
    ({ node_id }) => node_id,
  );
  return {
    none: choices.size === 0,
    next: (node) => choices.get(node)?.shift()?.choice,
  };
}
