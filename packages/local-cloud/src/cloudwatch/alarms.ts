import { ApiError, type JsonActions } from '@statebag/states';
import type { Mapping } from '../cloudformation/document.ts';
import type { KeptResource, KeptResources } from '../cloudformation/kept-resources.ts';

/** Alarms, as templates make them. Nothing here measures: their states are set, as CloudWatch lets anybody do. */
export interface Alarms {
  readonly actions: JsonActions;
  /** Those of these names that have gone off. */
  gone(names: readonly string[]): readonly string[];
  /** Resolves when one of these names has gone off, or the signal says that nobody waits any more. */
  untilGone(names: readonly string[], signal: AbortSignal): Promise<void>;
}

const ALARM = 'AWS::CloudWatch::Alarm';
const STATES: ReadonlySet<unknown> = new Set(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

/** Members of a kept alarm that no template gives. */
const STATE = { value: 'StateValue', reason: 'StateReason', since: 'StateUpdatedTimestamp' } as const;

export function openAlarms(kept: KeptResources, now: () => number): Alarms {
  const listeners = new Set<() => void>();
  const gone: Alarms['gone'] = (names) =>
    names.filter((name) => kept.find(ALARM, name)?.properties[STATE.value] === 'ALARM');
  return {
    gone,
    untilGone: (names, signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!signal.aborted && gone(names).length === 0) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        signal.addEventListener('abort', look);
        look();
      }),
    actions: {
      SetAlarmState: async (input) => {
        setState(kept, input, now());
        for (const look of [...listeners]) look();
        return {};
      },
      DescribeAlarms: async ({ AlarmNames: given, StateValue: state }) => {
        const names = Array.isArray(given) ? given : [];
        const known = kept.list(ALARM).filter(({ id }) => names.length === 0 || names.includes(id));
        const all = known.map(described);
        return { MetricAlarms: all.filter((alarm) => state === undefined || alarm[STATE.value] === state) };
      },
    },
  };
}

function setState(kept: KeptResources, input: Readonly<Record<string, unknown>>, at: number): void {
  const { AlarmName: name, StateValue: value, StateReason: reason } = input;
  const alarm = typeof name === 'string' ? kept.find(ALARM, name) : undefined;
  if (alarm === undefined)
    throw new ApiError('ResourceNotFound', `There is no alarm ${String(name)}`, { status: 404 });
  if (!STATES.has(value) || typeof value !== 'string')
    throw new ApiError(
      'ValidationError',
      `StateValue is OK, ALARM or INSUFFICIENT_DATA, not ${String(value)}`,
    );
  const state = { [STATE.value]: value, [STATE.reason]: String(reason ?? ''), [STATE.since]: at };
  kept.put(ALARM, alarm.id, { ...alarm.properties, ...state });
}

function described({ id, properties }: KeptResource) {
  const since = properties[STATE.since];
  return {
    AlarmName: id,
    AlarmDescription: textOf(properties, 'AlarmDescription'),
    [STATE.value]: textOf(properties, STATE.value) ?? 'INSUFFICIENT_DATA',
    [STATE.reason]: textOf(properties, STATE.reason) ?? 'Unchecked: Initial alarm creation',
    ...(typeof since === 'number' && { [STATE.since]: since / 1_000 }),
  };
}

function textOf(properties: Mapping, name: string): string | undefined {
  const value = properties[name];
  return value === undefined ? undefined : String(value);
}

/** What an alarm keeps when its template changes: CloudWatch leaves its state as it is. */
export function stateOfAlarm(kept: KeptResources, name: string): Mapping {
  const known = kept.find(ALARM, name)?.properties ?? {};
  return Object.fromEntries(
    Object.values(STATE).flatMap((member) => (known[member] === undefined ? [] : [[member, known[member]]])),
  );
}
