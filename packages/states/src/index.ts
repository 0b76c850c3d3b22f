/** The Step Functions engine on its own, and the ports through which it reaches everything else. */
export { createStatesEngine, type StatesEngine } from './create-states-engine.ts';
export { definitionSchema } from './definition/definition-schema.ts';
export { type Clock, systemClock, virtualClock } from './ports/clock.ts';
export { addColumn, fromJson, type Journal, openJournal, prepare, type Statement } from './ports/journal.ts';
export { LIMITS } from './ports/limits.ts';
export {
  type AnswerModel,
  type AnswerShape,
  ApiError,
  type Apis,
  type BusEntry,
  type EventBus,
  type Functions,
  type Invocation,
  type InvocationResult,
  type Items,
  type JsonActions,
  type KeptText,
  type ListedObject,
  type Objects,
  type Rights,
  type RoleCall,
  type StoredObject,
} from './ports/services.ts';
export type { EngineDeps, StartGate } from './program/task-target.ts';
