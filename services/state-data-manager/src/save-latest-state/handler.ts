import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDeps, stepHandler } from '@statebag/step-kit';
import { latestStates } from '../latest-states.ts';
import { runsTable } from '../open-runs-deps.ts';
import { saveLatestState } from './save-latest-state.ts';

const states = latestStates(new DynamoDBClient({}), runsTable(process.env));

export const handler = stepHandler(saveLatestState(states), openDeps('state-data-manager', process.env));
