/** An answer, read whole. Names of headers are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * What a service refused, in the form that errors of the SDK have: the service's own name, its status, and
 * the members of its answer.
 */
export class ServiceFailure extends Error {
  readonly $metadata: { readonly httpStatusCode: number; clockSkewCorrected?: boolean };

  constructor({ status }: Pick<Answer, 'status'>, { name, message, ...members }: Said) {
    super(message);
    Object.assign(this, members);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

interface Said extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly message: string;
}

/** A refusal in JSON: `{ "__type": "com.amazonaws.dynamodb.v20120810#SomeException", "message": … }`. */
export function jsonFailure(answer: Answer): ServiceFailure {
  const { __type = answer.headers['x-amzn-errortype'], ...members } = membersOf(answer);
  const name = /([^#:]+)(?::.*)?$/.exec(String(__type ?? ''))?.[1] ?? `Status${answer.status}`;
  const message = String(members['message'] ?? members['Message'] ?? `status ${answer.status}`);
  return new ServiceFailure(answer, { ...members, name, message });
}

/** Whatever stands between us and the service may answer something else. */
function membersOf({ headers, body }: Answer): Readonly<Record<string, unknown>> {
  if (body.length === 0 || !headers['content-type']?.includes('json')) return {};
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

/** A refusal of S3: `<Error><Code>…</Code><Message>…</Message></Error>`; an answer to HEAD has none. */
export function xmlFailure(answer: Answer): ServiceFailure {
  const text = Buffer.from(answer.body).toString('utf8');
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const name = element('Code') ?? (answer.status === 404 ? 'NotFound' : `Status${answer.status}`);
  return new ServiceFailure(answer, { name, message: element('Message') ?? `status ${answer.status}` });
}
