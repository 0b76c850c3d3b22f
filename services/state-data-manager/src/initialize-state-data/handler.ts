import { openDeps } from '@statebag/step-kit';
import { initHandler } from '@statebag/steps';

export const handler = initHandler(openDeps('state-data-manager', process.env));
