import { apiErrors } from '../engine/api-errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { JsonActions } from '../ports/services.ts';
import type { ExecutionRecord, ExecutionStatus } from '../program/execution.ts';
import { type MapRunRecord, type MapUnit, unitsOf } from '../program/map-run.ts';
import { executionOf, pageOf, Request, wireTime } from './request.ts';

/** Map runs: what they have done, and their limits while they go on. */
export function mapRunActions(engine: Engine): JsonActions {
  return {
    async DescribeMapRun(input) {
      return describe(engine, recordOf(engine, new Request(input)));
    },
    async ListMapRuns(input) {
      const request = new Request(input);
      const execution = executionOf(engine, request.requiredText('executionArn'));
      engine.persist();
      const { items, next } = pageOf(engine.mapRunStore.ofExecution(execution.id), request, ({ id }) =>
        String(id).padStart(16, '0'),
      );
      return { mapRuns: items.map((run) => summary(run, execution)), ...next };
    },
    async UpdateMapRun(input) {
      const request = new Request(input);
      const run = engine.mapRuns.live(recordOf(engine, request).id);
      if (!run) throw apiErrors.validation('Map Run is not running and cannot be updated');
      const maxConcurrency = request.integer('maxConcurrency', { least: 0, most: Number.MAX_SAFE_INTEGER });
      const toleratedFailureCount = request.integer('toleratedFailureCount', {
        least: 0,
        most: Number.MAX_SAFE_INTEGER,
      });
      const share = request.raw('toleratedFailurePercentage');
      run.update({
        ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
        ...(toleratedFailureCount === undefined ? {} : { toleratedFailureCount }),
        ...(typeof share === 'number' ? { toleratedFailurePercentage: share } : {}),
      });
      return {};
    },
  };
}

function recordOf(engine: Engine, request: Request): MapRunRecord {
  const arn = request.requiredText('mapRunArn');
  engine.persist();
  const record = engine.mapRunStore.byArn(arn);
  if (!record) throw apiErrors.noResource(arn);
  return record;
}

function summary(run: MapRunRecord, execution: ExecutionRecord): object {
  return {
    executionArn: execution.arn,
    mapRunArn: run.arn,
    stateMachineArn: execution.machineArn,
    startDate: wireTime(run.startedAt),
    ...(run.stoppedAt === undefined ? {} : { stopDate: wireTime(run.stoppedAt) }),
  };
}

function describe(engine: Engine, run: MapRunRecord): object {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = run.settings;
  const units = run.units ? unitsOf(run.units) : [];
  return {
    mapRunArn: run.arn,
    executionArn: engine.findExecution(run.execution)?.arn,
    status: run.status,
    startDate: wireTime(run.startedAt),
    ...(run.stoppedAt === undefined ? {} : { stopDate: wireTime(run.stoppedAt) }),
    maxConcurrency,
    toleratedFailurePercentage: toleratedFailurePercentage ?? 0,
    toleratedFailureCount: toleratedFailureCount ?? 0,
    itemCounts: countsOf(engine, run, { units, weigh: (unit) => unit.items }),
    executionCounts: countsOf(engine, run, { units, weigh: () => 1 }),
    redriveCount: run.redriveCount,
    ...(run.redrivenAt === undefined ? {} : { redriveDate: wireTime(run.redrivenAt) }),
  };
}

const FIELDS = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
} as const satisfies Record<ExecutionStatus, string>;

function countsOf(
  engine: Engine,
  run: MapRunRecord,
  { units, weigh }: { units: readonly MapUnit[]; weigh: (unit: MapUnit) => number },
): object {
  const sum = (places: readonly number[]): number =>
    places.reduce((total, place) => total + weigh(units[place] ?? { input: null, items: 1 }), 0);
  const started = Object.entries(FIELDS).map(
    ([status, field]) => [field, sum(engine.mapRunStore.places(run.id, status))] as const,
  );
  const total = units.reduce((all, unit) => all + weigh(unit), 0);
  const pending = total - started.reduce((all, [, count]) => all + count, 0);
  const counts = Object.fromEntries(started);
  return {
    pending,
    ...counts,
    total,
    resultsWritten: counts['succeeded'] ?? 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}
