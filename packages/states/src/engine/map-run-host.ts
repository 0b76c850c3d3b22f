import { randomUUID } from 'node:crypto';
import type { ExecutionRecord } from '../program/execution.ts';
import type { MapRunRecord, MapRunSettings } from '../program/map-run.ts';
import type { MapRunHost } from '../program/program.ts';
import { apiErrors } from './api-errors.ts';
import { mapRunArn } from './arns.ts';
import type { EngineCore } from './core.ts';
import { MapRun } from './map-run.ts';
import { redrive } from './take-up.ts';

/** The map runs that go on, by id. */
export interface LiveMapRuns extends MapRunHost {
  live(id: number): MapRun | undefined;
}

export function mapRunHost(engine: EngineCore): LiveMapRuns {
  const runs = new Map<number, MapRun>();
  const known = (mapRun: number): MapRunRecord => {
    engine.persist();
    const record = runs.get(mapRun)?.record ?? engine.mapRunStore.byId(mapRun);
    if (!record) throw new Error(`the journal has no map run ${mapRun}`);
    return record;
  };
  return {
    live: (id) => runs.get(id),
    open(frame, plan) {
      const record = newRecord(engine, {
        execution: frame.run.record,
        frame: frame.id,
        state: frame.state.name,
        settings: plan.settings(frame),
      });
      const run = new MapRun(record, { engine, frame, plan, closed: () => runs.delete(record.id) });
      runs.set(record.id, run);
      frame.record('MapRunStarted', { mapRunArn: record.arn });
      frame.become({ kind: 'mapRun', mapRun: record.id });
      return run.begin();
    },
    resume(frame, plan, id) {
      const run = new MapRun(known(id), { engine, frame, plan, closed: () => runs.delete(id) });
      runs.set(id, run);
      run.resume(engine.executions.childrenOf(id).map((child) => engine.liveRun(child.id)?.record ?? child));
    },
    redrive(frame, plan, id) {
      const record = known(id);
      Object.assign(record, {
        status: 'RUNNING',
        stoppedAt: undefined,
        redriveCount: record.redriveCount + 1,
        redrivenAt: engine.clock.now(),
      });
      frame.record('MapRunRedriven', { mapRunArn: record.arn, redriveCount: record.redriveCount });
      const run = new MapRun(record, { engine, frame, plan, closed: () => runs.delete(id) });
      runs.set(id, run);
      run.resume(engine.executions.childrenOf(id).map((child) => redriven(engine, child)));
    },
    abort: (id) => runs.get(id)?.abort(),
    childEnded(child) {
      if (child.mapRun !== undefined) runs.get(child.mapRun)?.childEnded(child);
    },
    arnOf: (id) => known(id).arn,
    idOf(arn) {
      engine.persist();
      const record = engine.mapRunStore.byArn(arn);
      if (!record) throw apiErrors.noResource(arn);
      return record.id;
    },
  };
}

/** A child that has succeeded stays as it is; any other goes on. */
function redriven(engine: EngineCore, child: ExecutionRecord): ExecutionRecord {
  const stored = child.status === 'SUCCEEDED' ? undefined : engine.executions.stored(child.id);
  return stored ? redrive(engine, stored).record : child;
}

function newRecord(
  engine: EngineCore,
  of: {
    execution: { id: number; machineName: string };
    frame: number;
    state: string;
    settings: MapRunSettings;
  },
): MapRunRecord {
  const { execution, frame, state, settings } = of;
  return {
    id: engine.mapRunStore.nextId(),
    arn: mapRunArn(engine, { machine: execution.machineName, label: settings.label, id: randomUUID() }),
    execution: execution.id,
    frame,
    state,
    startedAt: engine.clock.now(),
    status: 'RUNNING',
    stoppedAt: undefined,
    settings,
    units: undefined,
    total: 0,
    redriveCount: 0,
    redrivenAt: undefined,
  };
}
