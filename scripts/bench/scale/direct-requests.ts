import type { LocalCloud } from '@statebag/local-cloud';
import type { TableAccess } from '@statebag/runs';
import { ApiError, type Clock } from '@statebag/states';

/** Calls an action by its name. The answer has the form that the service gives it. */
export type Ask = <Answer>(action: string, input: object) => Promise<Answer>;

/** How the services of a cloud of this process are asked without a socket. */
export interface DirectRequests {
  readonly items: TableAccess['items'];
  readonly states: Ask;
}

/**
 * Requests to a cloud of this process: a hundred thousand starts would be an hour of HTTP. Time stands still
 * while one is under way. Refusals are those that clients get; nothing is tried again.
 */
export function directRequests({ items, states }: LocalCloud, clock: Clock): DirectRequests {
  const asking =
    (call: (action: string, input: object) => Promise<unknown> | undefined): Ask =>
    async <Answer>(action: string, input: object) => {
      const release = clock.hold();
      try {
        return (await call(action, input)) as Answer; // the services' own forms
      } catch (error) {
        throw error instanceof ApiError ? failureOf(error) : error;
      } finally {
        release();
      }
    };
  const table = asking((action, input) => items.call(action, input));
  return {
    items: {
      getItem: (input) => table('GetItem', input),
      putItem: (input) => table('PutItem', input),
      updateItem: (input) => table('UpdateItem', input),
      query: (input) => table('Query', input),
    },
    states: asking((action, input) => states[action]?.({ ...input })),
  };
}

/** As clients raise it: by the service's own name, with the status of the answer. */
function failureOf({ code, message, status, fields }: ApiError): Error {
  return Object.assign(new Error(message), fields, { name: code, $metadata: { httpStatusCode: status } });
}
