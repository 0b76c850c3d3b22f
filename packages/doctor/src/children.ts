import { type HistoryEvent, walk } from './history.ts';
import { textAt } from './json.ts';

/** What an execution started and left to others: its own history tells only how that ended. */
export interface Child {
  /** The state that started it. */
  readonly state: string;
  readonly arn: string;
  readonly kind: 'map-run' | 'execution';
}

/** Runs of distributed Maps, and executions whose failure failed the task that started them. */
export function childrenOf(events: readonly HistoryEvent[]): readonly Child[] {
  const { ownerOf } = walk(events);
  const found = events.flatMap((event): Child[] => {
    const arn = mapRunOf(event) ?? failedExecutionOf(event);
    const state = ownerOf.get(event.id)?.state ?? '';
    return arn === undefined
      ? []
      : [{ state, arn, kind: event.type === 'MapRunStarted' ? 'map-run' : 'execution' }];
  });
  return [...new Map(found.map((child) => [child.arn, child])).values()];
}

function mapRunOf({ type, details }: HistoryEvent): string | undefined {
  return type === 'MapRunStarted' ? textAt(details, 'mapRunArn') : undefined;
}

const EXECUTION = /"ExecutionArn"\s*:\s*"(arn:[^"\\]+)"/;

/** The cause of a task that waited for an execution describes that; one that is cut off still begins so. */
function failedExecutionOf({ type, details }: HistoryEvent): string | undefined {
  return type === 'TaskFailed' ? EXECUTION.exec(textAt(details, 'cause') ?? '')?.[1] : undefined;
}
