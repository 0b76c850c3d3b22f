import { openDeps } from '@statebag/step-kit';
import { actionHandler } from '@statebag/steps';

export const handler = actionHandler(openDeps('state-data-manager', process.env));
