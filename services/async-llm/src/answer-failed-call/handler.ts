import { SFNClient } from '@aws-sdk/client-sfn';
import type { Json } from '@statebag/contracts';
import { moduleCheck } from '@statebag/step-kit';
import { taskTokens } from '../task-tokens.ts';
import { answerFailedCall } from './answer-failed-call.ts';

const tokens = taskTokens(new SFNClient({}));

export const handler = async (record: Json, context: object) =>
  moduleCheck(record, context) ?? answerFailedCall(record, tokens);
