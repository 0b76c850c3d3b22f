import { NON_RETRYABLE_CODES, RETRYABLE_CODES } from '@statebag/contracts';
import { NEXT_ACTIONS } from '@statebag/contracts/statuses';
import { innerMachines, type State, type StateMachine, statesOf, successorsOf } from './definition.ts';

const FINAL: ReadonlySet<string> = new Set(NON_RETRYABLE_CODES);
const TRANSIENT: ReadonlySet<string> = new Set(RETRYABLE_CODES);

/** Every transition leads to a state, and every state is reached. */
export function danglingOrUnreached(machine: StateMachine): string[] {
  const names = new Set(Object.keys(machine.States));
  const reached = new Set([machine.StartAt]);
  for (const name of reached)
    for (const next of successorsOf(machine.States[name] ?? { Type: '' })) reached.add(next);
  const inside = Object.values(machine.States).flatMap(innerMachines).flatMap(danglingOrUnreached);
  const dangling = [...reached].filter((name) => !names.has(name)).map((name) => `${name}: no such state`);
  return [
    ...inside,
    ...dangling,
    ...Object.keys(machine.States)
      .filter((name) => !reached.has(name))
      .map((name) => `${name}: nothing leads here`),
  ];
}

/** A Choice on `$.next_action` names every action of the contract that can reach it, and nothing else. */
export function unroutedActions(machine: StateMachine): string[] {
  return statesOf(machine).flatMap(([name, state]) => {
    // A rule that asks for something else as well does not route an action on every way.
    const rules = (state.Choices ?? []).filter((rule) => !('And' in rule));
    const routed = [
      ...JSON.stringify(rules).matchAll(/"Variable":"\$\.next_action","StringEquals":"(\w+)"/g),
    ].map(([, action]) => action);
    if (routed.length === 0) return [];
    const missing = NEXT_ACTIONS.filter((action) => action !== 'STARTED' && !routed.includes(action));
    const unknown = routed.filter(
      (action) => !(NEXT_ACTIONS as readonly (string | undefined)[]).includes(action),
    );
    const noDefault =
      state.Default === undefined
        ? [`${name}: has no Default, so an unknown action ends without a name`]
        : [];
    return [
      ...missing.map((action) => `${name}: does not route ${action}`),
      ...unknown.map((action) => `${name}: routes ${action}, which is not of the contract`),
      ...noDefault,
    ];
  });
}

/**
 * The first retrier of a Lambda task takes every final code out; no later one tries a final code again; every
 * transient one is tried.
 */
export function wrongRetries(machine: StateMachine): string[] {
  return lambdaTasks(machine).flatMap(([name, { Retry = [] }]) => {
    const [first, ...later] = Retry;
    const excluded = new Set(first?.MaxAttempts === 0 ? first.ErrorEquals : []);
    const tried = new Set(
      later.filter(({ MaxAttempts = 3 }) => MaxAttempts > 0).flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    return [
      ...[...FINAL]
        .filter((code) => !excluded.has(code))
        .map((code) => `${name}: the first retrier does not exclude ${code}`),
      ...[...excluded]
        .filter((code) => !FINAL.has(code))
        .map((code) => `${name}: the first retrier excludes ${code}, which is not final`),
      ...[...tried].filter((code) => FINAL.has(code)).map((code) => `${name}: tries the final ${code} again`),
      ...[...TRANSIENT]
        .filter((code) => !tried.has(code))
        .map((code) => `${name}: never tries ${code} again`),
    ];
  });
}

/**
 * Every task has an end of its own, a way for its end (its own Catch, or that of the Map around it), and a
 * heartbeat shorter than its time-out.
 */
export function unboundedWaits(machine: StateMachine): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    ...(state.Type === 'Task' ? unboundedTask(name, state, state.Catch !== undefined) : []),
    ...innerMachines(state)
      .flatMap(statesOf)
      .flatMap(([inner, task]) =>
        task.Type === 'Task'
          ? unboundedTask(inner, task, task.Catch !== undefined || state.Catch !== undefined)
          : [],
      ),
  ]);
}

function unboundedTask(name: string, state: State, isCaught: boolean): string[] {
  const timeout =
    state.TimeoutSeconds ??
    (state['TimeoutSecondsPath'] === undefined ? undefined : Number.POSITIVE_INFINITY);
  if (timeout === undefined) return [`${name}: has no TimeoutSeconds`];
  if (state.HeartbeatSeconds !== undefined && state.HeartbeatSeconds >= timeout)
    return [`${name}: HeartbeatSeconds is not below TimeoutSeconds`];
  return isCaught ? [] : [`${name}: has no Catch, so its failure ends without a report`];
}

/** The functions that answer with an envelope. */
const BAG_WRITERS =
  /\$\{(InitializeStateData|ExecuteSegment|StateDataManager|AggregateDistributedResults)Arn\}/;

/** An envelope becomes the whole of the data: anywhere else a bag would stand inside of a bag. */
export function nestedBags(machine: StateMachine): string[] {
  return lambdaTasks(machine).flatMap(([name, { Parameters, OutputPath, ResultPath = '$' }]) => {
    if (!BAG_WRITERS.test(JSON.stringify(Parameters))) return [];
    return OutputPath === '$.Payload' && ResultPath === '$'
      ? []
      : [
          `${name}: puts an envelope at ${String(ResultPath)} and gives on ${String(OutputPath ?? '$')}; its payload must become the data`,
        ];
  });
}

function lambdaTasks(machine: StateMachine): [string, State][] {
  return statesOf(machine).filter(([, { Resource }]) =>
    Resource?.startsWith('arn:aws:states:::lambda:invoke'),
  );
}
