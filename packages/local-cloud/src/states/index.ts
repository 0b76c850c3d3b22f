/** The Step Functions engine on its own, without gateway and without the services that its tasks call. */
export { systemClock } from '../clock/system-clock.ts';
export { virtualClock } from '../clock/virtual-clock.ts';
export { openJournal } from '../journal/open-journal.ts';
export { ApiError, type Clock, type Functions, type Journal, type JsonActions } from '../ports.ts';
export { createStatesEngine, type StatesEngine } from './create-states-engine.ts';
export type { EngineDeps } from './run/host.ts';
