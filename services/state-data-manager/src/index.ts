export { initializeStateData } from './initialize-state-data/step.ts';
export { actionHandler } from './state-data-manager/action-handler.ts';
