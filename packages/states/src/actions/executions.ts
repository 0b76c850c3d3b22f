import { apiErrors } from '../engine/api-errors.ts';
import { parseMachineArn } from '../engine/arns.ts';
import type { Engine } from '../engine/engine.ts';
import { redrive } from '../engine/take-up.ts';
import { Payload } from '../language/payload.ts';
import { LIMITS } from '../ports/limits.ts';
import type { JsonActions } from '../ports/services.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import { cutPage, executionOf, machineOf, Request, readPage, refuseExpress, wireTime } from './request.ts';

/** Executions: start, stop, describe, list. */
export function executionActions(engine: Engine): JsonActions {
  return {
    async StartExecution(input) {
      const started = start(engine, new Request(input));
      return { executionArn: started.arn, startDate: wireTime(started.startedAt) };
    },
    async StartSyncExecution(input) {
      const request = new Request(input);
      const parsed = parseMachineArn(request.requiredText('stateMachineArn'));
      if (parsed && engine.machines.byArn(parsed.arn)?.type === 'STANDARD')
        throw apiErrors.wrongType('StartSyncExecution');
      return syncResult(await engine.whenEnded(start(engine, request, { sync: true }).id));
    },
    async StopExecution(input) {
      const request = new Request(input);
      const arn = request.requiredText('executionArn');
      refuseExpress(arn);
      const execution = executionOf(engine, arn);
      engine.liveRun(execution.id)?.abort({ error: request.text('error'), cause: request.text('cause') });
      return { stopDate: wireTime(execution.stoppedAt ?? engine.clock.now()) };
    },
    async DescribeExecution(input) {
      const request = new Request(input);
      const arn = request.requiredText('executionArn');
      refuseExpress(arn);
      return describe(engine, executionOf(engine, arn), request.text('includedData') !== 'METADATA_ONLY');
    },
    async ListExecutions(input) {
      return list(engine, new Request(input));
    },
  };
}

function start(engine: Engine, request: Request, more: { readonly sync?: boolean } = {}): ExecutionRecord {
  return engine.startExecution({
    ...more,
    machineArn: request.requiredText('stateMachineArn'),
    name: request.text('name'),
    input: Payload.fromText(request.text('input') ?? '{}'),
    parent: undefined,
  });
}

/** What is there of the fields that an execution has only in some states. */
function outcomeFields({ stoppedAt, error, cause }: ExecutionRecord): object {
  return {
    ...(stoppedAt === undefined ? {} : { stopDate: wireTime(stoppedAt) }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function dataFields({ input, output }: ExecutionRecord): object {
  const included = { included: true };
  return {
    input: input.text,
    inputDetails: included,
    ...(output ? { output: output.text, outputDetails: included } : {}),
  };
}

function originFields({ versionArn, aliasArn }: ExecutionRecord): object {
  return {
    ...(versionArn ? { stateMachineVersionArn: versionArn } : {}),
    ...(aliasArn ? { stateMachineAliasArn: aliasArn } : {}),
  };
}

function syncResult(execution: ExecutionRecord): object {
  const { arn, machineArn, name, status, startedAt } = execution;
  const billing = {
    billedDurationInMilliseconds: 100 * Math.ceil(((execution.stoppedAt ?? startedAt) - startedAt) / 100),
    billedMemoryUsedInMB: 64,
  };
  const head = {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    startDate: wireTime(startedAt),
    status,
    billingDetails: billing,
  };
  return { ...head, ...outcomeFields(execution), ...dataFields(execution) };
}

function describe(engine: Engine, execution: ExecutionRecord, withData: boolean): object {
  const { arn, machineArn, name, status, startedAt, redriveCount, redrivenAt } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: wireTime(startedAt),
    ...outcomeFields(execution),
    ...(withData ? dataFields(execution) : {}),
    ...originFields(execution),
    ...(execution.mapRun === undefined ? {} : { mapRunArn: engine.mapRuns.arnOf(execution.mapRun) }),
    redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: wireTime(redrivenAt) }),
    ...redriveFields(execution, engine.clock.now()),
  };
}

/** Whether RedriveExecution would take the execution, and why not. */
export function redriveFields(
  { status, stoppedAt, mapRun }: ExecutionRecord,
  now: number,
): { redriveStatus: string; redriveStatusReason?: string } {
  if (mapRun !== undefined) return { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' };
  const refuse = (redriveStatusReason: string) => ({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason });
  if (status === 'RUNNING') return refuse('Execution is RUNNING and cannot be redriven');
  if (status === 'SUCCEEDED') return refuse('Execution is SUCCEEDED and cannot be redriven');
  if (now - (stoppedAt ?? now) > LIMITS.redriveMs)
    return refuse('Execution has exceeded its redrivable period');
  return { redriveStatus: 'REDRIVABLE' };
}

function list(engine: Engine, request: Request): object {
  const page = readPage(request, ['number', 'number']);
  const [started, id] = page.after ?? [];
  const redrive = request.text('redriveFilter');
  const found = engine.executions.list({
    ...scopeOf(engine, request),
    status: statusFilter(request),
    redriven: redrive === undefined ? undefined : redrive === 'REDRIVEN',
    after: page.after && { started: Number(started), id: Number(id) },
    limit: page.limit + 1,
  });
  const { items, next } = cutPage(found, page, (execution) => [execution.startedAt, execution.id]);
  return { executions: items.map((execution) => summary(engine, execution)), ...next };
}

function statusFilter(request: Request): string | undefined {
  const status = request.text('statusFilter');
  if (status === undefined || STATUS_FILTERS.includes(status)) return status;
  throw apiErrors.validation(
    `1 validation error detected: Value '${status}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUS_FILTERS.join(', ')}]`,
  );
}

const STATUS_FILTERS: readonly string[] = [
  'SUCCEEDED',
  'TIMED_OUT',
  'PENDING_REDRIVE',
  'ABORTED',
  'FAILED',
  'RUNNING',
];

function scopeOf(
  engine: Engine,
  request: Request,
): { machine?: string; version?: string; alias?: string; mapRun?: number } {
  engine.persist();
  const mapRun = request.text('mapRunArn');
  if (mapRun !== undefined) return { mapRun: engine.mapRuns.idOf(mapRun) };
  const arn = request.requiredText('stateMachineArn');
  const parsed = parseMachineArn(arn);
  const machine = machineOf(engine, parsed?.arn ?? arn);
  if (machine.type === 'EXPRESS') throw apiErrors.wrongType('ListExecutions');
  if (parsed?.qualifier === undefined) return { machine: machine.arn };
  return /^\d+$/.test(parsed.qualifier) ? { version: arn } : { alias: arn };
}

function summary(engine: Engine, execution: ExecutionRecord): object {
  const { arn, machineArn, name, status, startedAt, stoppedAt, redriveCount, redrivenAt, mapRun } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: wireTime(startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: wireTime(stoppedAt) }),
    ...(mapRun === undefined ? {} : { mapRunArn: engine.mapRuns.arnOf(mapRun) }),
    ...originFields(execution),
    redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: wireTime(redrivenAt) }),
  };
}

/** RedriveExecution: an execution that has not succeeded goes on at the states that it ended in. */
export function redriveActions(engine: Engine): JsonActions {
  return {
    async RedriveExecution(input) {
      const arn = new Request(input).requiredText('executionArn');
      const { id, express } = executionOf(engine, arn);
      if (express) throw apiErrors.wrongType('RedriveExecution');
      engine.persist();
      const stored = engine.executions.stored(id);
      if (!stored) throw apiErrors.noExecution(arn);
      const { redriveStatus, redriveStatusReason } = redriveFields(stored.record, engine.clock.now());
      if (redriveStatus !== 'REDRIVABLE')
        throw apiErrors.notRedrivable(redriveStatusReason ?? `Execution is ${redriveStatus}`);
      if (stored.lastEvent >= LIMITS.historyEvents - 1)
        throw apiErrors.notRedrivable('Execution has reached the maximum number of history events');
      redrive(engine, stored);
      return { redriveDate: wireTime(engine.clock.now()) };
    },
  };
}
