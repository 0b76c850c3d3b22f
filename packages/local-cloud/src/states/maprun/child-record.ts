import { randomUUID } from 'node:crypto';
import type { Json } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { LIMITS } from '../limits.ts';
import { executionArn, expressArn } from '../run/arns.ts';
import type { Engine } from '../run/engine.ts';
import type { ExecutionRecord } from '../run/execution-record.ts';
import { dataLimitExceeded } from '../run/frame.ts';
import { FRESH } from '../run/start-execution.ts';
import type { MapRunRecord } from './map-run-record.ts';

/** The record of a new child of a map run. */
export function childRecord(engine: Engine, of: { run: MapRunRecord; parent: ExecutionRecord; place: number; input: Json }): ExecutionRecord {
  const { run, parent, place, input } = of;
  const { express, label } = run.settings;
  const name = randomUUID();
  const machine = `${parent.machineName}/${label}`;
  const payload = Payload.of(input);
  if (!payload.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(run.state);
  return {
    ...parent,
    ...FRESH,
    id: engine.executions.nextId(),
    arn: express ? expressArn(engine, { machine, name, id: randomUUID() }) : executionArn(engine, machine, name),
    name,
    express,
    input: payload,
    startedAt: engine.clock.now(),
    program: run.state,
    parent: undefined,
    mapRun: run.id,
    place,
  };
}
