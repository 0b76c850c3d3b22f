/** The part of the Amazon States Language that the lint reads. */
export interface StateMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly (Readonly<Record<string, unknown>> & { readonly Next: string })[];
  readonly Parameters?: unknown;
  readonly ItemSelector?: unknown;
  readonly ResultSelector?: unknown;
  readonly Result?: unknown;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly TimeoutSeconds?: number;
  readonly HeartbeatSeconds?: number;
  readonly ItemProcessor?: StateMachine;
  readonly Branches?: readonly StateMachine[];
  readonly [field: string]: unknown;
}

/** Where control goes from a state, error ways included. */
export function successorsOf(state: State): string[] {
  const choices = (state.Choices ?? []).map(({ Next }) => Next);
  const caught = (state.Catch ?? []).map(({ Next }) => Next);
  return [...choices, ...caught, ...[state.Next, state.Default].filter((name) => name !== undefined)];
}

/** Every state of a machine by name, those inside Map and Parallel included. */
export function statesOf(machine: StateMachine): [string, State][] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...innerMachines(state).flatMap(statesOf),
  ]);
}

export function innerMachines(state: State): readonly StateMachine[] {
  return [...(state.ItemProcessor ? [state.ItemProcessor] : []), ...(state.Branches ?? [])];
}

/** The steps of a reference path `$.a.b[0]`; undefined for text that is none. */
export function stepsOf(path: string): (string | number)[] | undefined {
  if (!/^\$(\.\w+|\[\d+\])*$/.test(path)) return undefined;
  return [...path.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}

/** The data paths an expression mentions; those of the context object (`$$`) are the service's own. */
export function pathsIn(expression: string): string[] {
  return [...expression.matchAll(/(?<!\$)\$(?!\$)(?:\.\w+|\[\d+\])*/g)].map(([path]) => path);
}
