import type { PutEventsRequest, PutEventsResponse } from '@aws-sdk/client-eventbridge';
import { StatebagError, type Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import { answerOf } from './aws-failure.ts';

/** Which run, and when. Ids and pointers only: an event never carries state. */
interface OfRun {
  readonly execution_id: ExecutionId;
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly definition_id: DefinitionId;
  readonly at: Timestamp;
  readonly execution_arn?: string | undefined;
}

/** Which node of the run, and where it stands. */
interface OfNode extends OfRun {
  readonly node_id: string;
  readonly branch_path: string;
  readonly loop_counter: number;
}

/** What the bus is told of a run's life. STARTED and INIT_FAILED are put by the state machine itself. */
export type LifecycleEvent =
  | (OfRun & { readonly event_type: 'STARTED' })
  | (OfRun & { readonly event_type: 'INIT_FAILED'; readonly error: string })
  | (OfNode & {
      readonly event_type: 'DISTRIBUTED_STARTED';
      readonly strategy: string;
      readonly total_items: number;
    })
  | (OfNode & {
      readonly event_type: 'HITP_REQUESTED';
      readonly approval_id: string;
      readonly deadline: Timestamp;
    })
  | (OfNode & {
      readonly event_type: 'HITP_TIMEOUT';
      readonly approval_id: string;
      readonly outcome: 'failed' | 'default' | 'escalated';
    })
  | (OfNode & { readonly event_type: 'ASYNC_LLM_PROCESSING'; readonly ledger_key: string })
  | (OfRun & { readonly event_type: 'COMPLETED' })
  | (OfRun & { readonly event_type: 'FAILED'; readonly status: string; readonly error: string | null });

export interface LifecycleEvents {
  /** @throws `Store.Unavailable`, `Store.AccessDenied` */
  put(event: LifecycleEvent): Promise<void>;
}

const SOURCE = 'statebag.orchestrator';
const DETAIL_TYPE = 'WorkflowLifecycleEvent';

/** What a bus is asked for. Failures have the service's names. */
export interface BusRequests {
  putEvents(input: PutEventsRequest): Promise<PutEventsResponse>;
}

/** Puts events of runs on a bus, in the shape the state machine's own have. */
export function lifecycleEvents(bus: BusRequests, busName: string): LifecycleEvents {
  return {
    async put(event) {
      const entry = {
        Source: SOURCE,
        DetailType: DETAIL_TYPE,
        EventBusName: busName,
        Detail: JSON.stringify(event),
      };
      const { FailedEntryCount = 0, Entries = [] } = await answerOf(busName, () =>
        bus.putEvents({ Entries: [entry] }),
      );
      if (FailedEntryCount > 0)
        throw new StatebagError(
          'Store.Unavailable',
          `${busName} did not take ${event.event_type}: ${Entries[0]?.ErrorCode}`,
        );
    },
  };
}
