import { isObject, type Json, type JsonObject, parseJson } from '../language/json.ts';
import type { Integration } from '../program/task-target.ts';
import { checkFields, SEND_MESSAGE_FIELDS } from './field-types.ts';
import { requireParameter, sdkMetadata } from './service-call.ts';

/** `arn:aws:states:::sqs:sendMessage`: a `MessageBody` that is no string is sent as JSON text. */
export const SEND_MESSAGE: Integration = {
  errors: { prefix: 'SQS', service: 'AmazonSQS', base: 'AmazonSQSException' },
  patterns: ['request', 'callback'],
  checkParameters: (parameters) => checkFields(parameters, SEND_MESSAGE_FIELDS),
  lint(task) {
    requireParameter(task, 'QueueUrl');
    requireParameter(task, 'MessageBody');
  },
  async call({ host, parameters }) {
    const release = host.clock.hold();
    try {
      const fields: JsonObject = isObject(parameters) ? parameters : {};
      const input = { ...fields, MessageBody: bodyText(fields['MessageBody']) };
      const text = JSON.stringify(await host.apis.call('aws-sdk:sqs', 'sendMessage', input));
      const answer = parseJson(text);
      return { ...(isObject(answer) ? answer : {}), ...sdkMetadata(text) };
    } finally {
      release();
    }
  },
};

function bodyText(body: Json | undefined): string | null {
  if (body === undefined || body === null) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}
