import middy from '@middy/core';
import type { ApiEvent, ApiReply } from '@statebag/api';
import { moduleCheckDoor } from '@statebag/step-kit';
import { type ApiLog, lineOf } from './api-log.ts';
import { type ApiRequest, readRequest, type Takes } from './read-request.ts';
import { type Answer, refusal, success } from './reply.ts';

/** What a route does: its work on a request that has its form. */
export interface ApiAction<Body> extends Takes {
  readonly run: (request: ApiRequest<Body>) => Promise<Answer>;
}

export interface ApiDeps {
  readonly ownerClaim: string | undefined;
  readonly log: ApiLog;
  /** Monotonic milliseconds, for durations only. */
  readonly clock: () => number;
}

/**
 * A route as a Lambda handler: read the request, do its work, reply. Every failure is a reply too, and every
 * invocation one line. `api` is opened once, at cold start.
 */
export function serve<Api extends ApiDeps, Body>(api: Api, route: (api: Api) => ApiAction<Body>) {
  const { ownerClaim, log, clock } = api;
  const action = route(api);
  return middy<ApiEvent>()
    .use(moduleCheckDoor())
    .handler(async (event: ApiEvent): Promise<ApiReply> => {
      const began = clock();
      const report = (reply: ApiReply, error?: unknown) => {
        log(lineOf({ event, reply, error, durationMs: clock() - began }));
        return reply;
      };
      try {
        return report(success(await action.run(readRequest<Body>(event, action, ownerClaim))));
      } catch (error) {
        return report(refusal(error, event.requestContext.requestId ?? ''), error);
      }
    });
}
