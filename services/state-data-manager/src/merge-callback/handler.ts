import { openDeps, stepHandler } from '@statebag/step-kit';
import { mergeCallback } from '@statebag/steps';

export const handler = stepHandler(mergeCallback, openDeps('state-data-manager', process.env));
