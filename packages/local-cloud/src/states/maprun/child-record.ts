import { randomUUID } from 'node:crypto';
import type { Json } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { executionArn, expressArn } from '../run/arns.ts';
import type { Engine } from '../run/engine.ts';
import type { ExecutionRecord } from '../run/execution-record.ts';
import { FRESH } from '../run/start-execution.ts';
import type { MapRunRecord } from './map-run-record.ts';

/** The record of a new child of a map run. */
export function childRecord(engine: Engine, of: { run: MapRunRecord; parent: ExecutionRecord; place: number; input: Json }): ExecutionRecord {
  const { run, parent, place, input } = of;
  const { express, label } = run.settings;
  const name = randomUUID();
  const machine = `${parent.machineName}/${label}`;
  return {
    ...parent,
    ...FRESH,
    id: engine.executions.nextId(),
    arn: express ? expressArn(engine, { machine, name, id: randomUUID() }) : executionArn(engine, machine, name),
    name,
    express,
    input: Payload.of(input),
    startedAt: engine.clock.now(),
    program: run.state,
    parent: undefined,
    mapRun: run.id,
    place,
  };
}
