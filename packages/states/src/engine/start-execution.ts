import { randomUUID } from 'node:crypto';
import { LIMITS } from '../ports/limits.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { StartRequest } from '../program/task-target.ts';
import type { Machine } from '../store/machine-store.ts';
import { apiErrors } from './api-errors.ts';
import { executionArn, expressArn, parseMachineArn } from './arns.ts';
import type { EngineCore } from './core.ts';

/** What an ARN in a start request leads to. */
interface Target {
  readonly machine: Machine;
  readonly revision: number;
  readonly versionArn?: string;
  readonly aliasArn?: string;
}

/** StartExecution. A name that is in use by a running execution with the same input gives that one. */
export function startExecution(
  engine: EngineCore,
  { machineArn, name = randomUUID(), input, parent, sync = false }: StartRequest,
): ExecutionRecord {
  const target = resolve(engine, machineArn);
  engine.admit({ express: target.machine.type === 'EXPRESS', sync });
  checkName(name);
  checkInput(input);
  const { machine } = target;
  const express = machine.type === 'EXPRESS';
  const arn = express
    ? expressArn(engine, { machine: machine.name, name, id: randomUUID() })
    : executionArn(engine, machine.name, name);
  const known = engine.findByArn(arn);
  if (known && !nameIsFree(engine, known)) return sameStart(known, input.text);
  return engine.begin({
    id: engine.executions.nextId(),
    arn,
    name,
    machineArn: machine.arn,
    machineName: machine.name,
    versionArn: target.versionArn,
    aliasArn: target.aliasArn,
    revision: target.revision,
    roleArn: engine.revisions.byId(target.revision).role,
    express,
    input,
    startedAt: engine.clock.now(),
    program: '',
    parent,
    mapRun: undefined,
    place: undefined,
    ...FRESH,
  });
}

/** How every execution begins. */
export const FRESH = {
  status: 'RUNNING',
  stoppedAt: undefined,
  output: undefined,
  error: undefined,
  cause: undefined,
  redriveCount: 0,
  redrivenAt: undefined,
} as const satisfies Partial<ExecutionRecord>;

/** A name may be used again when its execution has ended long ago. */
function nameIsFree(engine: EngineCore, { id, stoppedAt }: ExecutionRecord): boolean {
  if (stoppedAt === undefined || engine.clock.now() - stoppedAt < LIMITS.namesKeptMs) return false;
  engine.write(() => engine.executions.forget(id));
  return true;
}

function sameStart(known: ExecutionRecord, input: string): ExecutionRecord {
  if (known.status === 'RUNNING' && known.input.text === input) return known;
  throw apiErrors.executionExists(known.arn);
}

/** White space, wildcards, brackets and other special characters that the API refuses. */
const REFUSED_IN_NAMES = /[\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]/u;

function checkName(name: string): void {
  if (name.length < 1 || name.length > LIMITS.nameLength || REFUSED_IN_NAMES.test(name))
    throw apiErrors.invalidName(name);
}

function checkInput(input: StartRequest['input']): void {
  if (!input.fits(LIMITS.payloadBytes))
    throw apiErrors.invalidExecutionInput(`Input exceeds the maximum of ${LIMITS.payloadBytes} bytes`);
  try {
    void input.value;
  } catch (error) {
    throw apiErrors.invalidExecutionInput(error instanceof Error ? error.message : String(error));
  }
}

function resolve(engine: EngineCore, arn: string): Target {
  const parsed = parseMachineArn(arn);
  if (!parsed) throw apiErrors.invalidArn(arn);
  const machine = engine.machines.byArn(parsed.arn);
  if (!machine) throw apiErrors.noMachine(arn);
  const { qualifier } = parsed;
  if (qualifier === undefined) return { machine, revision: machine.revision };
  const alias = /^\d+$/.test(qualifier) ? undefined : engine.versions.alias(arn);
  const versionArn = alias ? pickRoute(alias.routing, engine.random()) : arn;
  const version = engine.versions.version(versionArn);
  if (!version) throw apiErrors.noMachine(arn);
  return { machine, revision: version.revision, versionArn, ...(alias ? { aliasArn: arn } : {}) };
}

/** The version that a number of [0, 1) falls on. */
function pickRoute(
  routes: readonly { readonly stateMachineVersionArn: string; readonly weight: number }[],
  random: number,
): string {
  let left = random * 100;
  for (const { stateMachineVersionArn, weight } of routes) {
    left -= weight;
    if (left < 0) return stateMachineVersionArn;
  }
  return routes.at(-1)?.stateMachineVersionArn ?? '';
}
