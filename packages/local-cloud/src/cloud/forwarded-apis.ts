import { ApiError } from '@statebag/states';

/** Where services are that this cloud has not: `{ bedrockruntime: 'http://127.0.0.1:4010' }`. */
export type ForwardedApis = Readonly<Record<string, string>>;

type Members = Readonly<Record<string, unknown>>;

/** A call as HTTP, and what the task gets of its answer. */
interface HttpForm {
  request(input: Members): {
    readonly path: string;
    readonly body: string;
    readonly headers: Record<string, string>;
  };
  answer(text: string, contentType: string): unknown;
}

const INVOKE_MODEL: HttpForm = {
  request: ({ ModelId: model, Body: body, ContentType: type, Accept: accept }) => ({
    path: `/model/${encodeURIComponent(String(model))}/invoke`,
    body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
    headers: {
      'content-type': String(type ?? 'application/json'),
      accept: String(accept ?? 'application/json'),
    },
  }),
  answer: (text, contentType) => ({ Body: JSON.parse(text), ContentType: contentType }),
};

/** The calls that go to an endpoint: which endpoint, and their form. */
const FORWARDED: Readonly<Record<string, { readonly endpoint: string; readonly form: HttpForm }>> = {
  'bedrock:invokeModel': { endpoint: 'bedrockruntime', form: INVOKE_MODEL },
  'aws-sdk:bedrockruntime:invokeModel': { endpoint: 'bedrockruntime', form: INVOKE_MODEL },
};

export interface Forwarding {
  has(service: string, action: string): boolean;
  call(service: string, action: string, input: Members): Promise<unknown>;
}

/** Hands calls on to the endpoints that were given. */
export function openForwarding(endpoints: ForwardedApis): Forwarding {
  const target = (service: string, action: string) => {
    const known = FORWARDED[`${service}:${action}`];
    const url = known && endpoints[known.endpoint];
    return known && url !== undefined ? { form: known.form, url } : undefined;
  };
  return {
    has: (service, action) => target(service, action) !== undefined,
    async call(service, action, input) {
      const found = target(service, action);
      if (!found)
        throw new ApiError('UnknownOperationException', `no endpoint is given for ${service}:${action}`);
      return send(found.url, found.form, input);
    },
  };
}

async function send(url: string, form: HttpForm, input: Members): Promise<unknown> {
  const { path, body, headers } = form.request(input);
  const response = await fetch(`${url.replace(/\/$/, '')}${path}`, { method: 'POST', body, headers }).catch(
    (cause: unknown) => {
      throw new ApiError('SdkClientException', `Unable to execute HTTP request: ${String(cause)}`, {
        status: 500,
      });
    },
  );
  const text = await response.text();
  if (response.ok) return form.answer(text, response.headers.get('content-type') ?? 'application/json');
  const code = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? 'ValidationException';
  throw new ApiError(code, text, { status: response.status });
}
