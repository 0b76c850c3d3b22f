import { openDeps, stepHandler } from '@statebag/step-kit';
import { openRunsDeps } from '../open-runs-deps.ts';
import { storeTaskToken } from './store-task-token.ts';

export const handler = stepHandler(
  storeTaskToken(openRunsDeps(process.env)),
  openDeps('state-data-manager', process.env),
);
