import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import { LIMITS } from '../limits.ts';
import type { Engine } from '../run/engine.ts';
import { redrive } from '../run/redrive.ts';
import { executionOf, redriveFields } from './executions.ts';
import { Request, wireTime } from './request.ts';

/** RedriveExecution: an execution that has not succeeded goes on at the states that it ended in. */
export function redriveActions(engine: Engine): JsonActions {
  return {
    async RedriveExecution(input) {
      const arn = new Request(input).requiredText('executionArn');
      const { id, express } = executionOf(engine, arn);
      if (express) throw apiErrors.wrongType('RedriveExecution');
      engine.persist();
      const stored = engine.executions.stored(id);
      if (!stored) throw apiErrors.noExecution(arn);
      const { redriveStatus, redriveStatusReason } = redriveFields(stored.record, engine.clock.now());
      if (redriveStatus !== 'REDRIVABLE') throw apiErrors.notRedrivable(redriveStatusReason ?? `Execution is ${redriveStatus}`);
      if (stored.lastEvent >= LIMITS.historyEvents - 1) throw apiErrors.notRedrivable('Execution has reached the maximum number of history events');
      redrive(engine, stored);
      return { redriveDate: wireTime(engine.clock.now()) };
    },
  };
}
