import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import { retry } from '../run/advance.ts';
import { forgetResults } from '../run/children.ts';
import type { Engine } from '../run/engine.ts';
import type { Frame } from '../run/frame.ts';
import { READY } from '../run/phase.ts';
import { executionOf, redriveFields } from './executions.ts';
import { Request, wireTime } from './request.ts';

/** RedriveExecution: an execution that has not succeeded goes on at the state that it ended in. A Map or Parallel there runs again as a whole. */
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
      const redriveDate = engine.clock.now();
      Object.assign(stored.record, { status: 'RUNNING', stoppedAt: undefined, error: undefined, cause: undefined });
      Object.assign(stored.record, { redriveCount: stored.record.redriveCount + 1, redrivenAt: redriveDate });
      const run = engine.resume(stored);
      run.unsaved.record = true;
      run.recordEvent('ExecutionRedriven', { previous: run.lastEvent, facts: { redriveCount: stored.record.redriveCount } });
      for (const frame of [...run.frames.values()]) again(frame);
      return { redriveDate: wireTime(redriveDate) };
    },
  };
}

/** A state with work of its own is attempted again; any other is entered again. */
function again(frame: Frame): void {
  forgetResults(frame);
  frame.retries = [];
  frame.lastEvent = frame.run.lastEvent;
  frame.become(READY);
  if (['Task', 'Map', 'Parallel'].includes(frame.state.type)) retry(frame);
  else frame.run.host.enqueue(frame);
}
