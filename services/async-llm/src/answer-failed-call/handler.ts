import { SFNClient } from '@aws-sdk/client-sfn';
import type { Json } from '@statebag/contracts';
import { taskTokens } from '../task-tokens.ts';
import { answerFailedCall } from './answer-failed-call.ts';

const tokens = taskTokens(new SFNClient({}));

export const handler = (record: Json) => answerFailedCall(record, tokens);
