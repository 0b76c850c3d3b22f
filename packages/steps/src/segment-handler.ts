import { isJsonObject } from '@statebag/contracts';
import { type Handler, type StepDeps, stepHandler } from '@statebag/step-kit';
import { executeSegment, type Outside } from './execute-segment.ts';
import { firstTurn } from './first-turn.ts';
import { segmentTurn } from './segment-turn.ts';

/**
 * One function for all machines of v3. A start is answered with the envelope after the first segment, an
 * event without a bag with the result alone.
 */
export function segmentHandler(outside: Outside, deps: StepDeps): Handler {
  const first = stepHandler(firstTurn(outside), deps);
  const turn = stepHandler(segmentTurn(outside), deps);
  const segment = stepHandler(executeSegment(outside), deps);
  return async (event, context) => {
    if (isStart(event)) return first(event, context);
    return isJsonObject(event) && 'state_data' in event ? turn(event, context) : segment(event, context);
  };
}

/** A run of v3 begins: its first bag is to be built. */
export function isStart(event: unknown): boolean {
  return isJsonObject(event) && event['action'] === 'init';
}
