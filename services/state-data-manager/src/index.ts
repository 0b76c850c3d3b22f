export { initHandler } from './initialize-state-data/init-handler.ts';
export { initializeStateData } from './initialize-state-data/step.ts';
export { mergeCallback } from './merge-callback/step.ts';
export { actionHandler } from './state-data-manager/action-handler.ts';
