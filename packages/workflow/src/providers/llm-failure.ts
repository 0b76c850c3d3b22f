import { isStatebagError, type JsonObject, StatebagError } from '@statebag/contracts';
import { withShortAddresses } from '@statebag/contracts/address-text';
import type { ErrorCode } from '@statebag/contracts/errors';

/**
 * Statuses that say "later": time-out, conflict, too many requests. Everything else below 500 will not get
 * better.
 */
const LATER: ReadonlySet<number> = new Set([408, 409, 429]);
/** Statuses with which a service refuses whoever asks. */
const KEY_REFUSED: ReadonlySet<number> = new Set([401, 403]);
/** Google answers 400 to a bad key and says so in the body. */
const KEY_REFUSED_TEXT = 'API_KEY_INVALID';

/** Failures before anything was sent, by the name the AI SDK or the AWS SDK gives them. */
const BEFORE_SENDING: Readonly<Record<string, ErrorCode>> = {
  AI_LoadAPIKeyError: 'Llm.Unconfigured',
  AI_LoadSettingError: 'Llm.Unconfigured',
  CredentialsProviderError: 'Llm.Unconfigured',
  AI_InvalidArgumentError: 'Llm.RequestRejected',
  AI_InvalidPromptError: 'Llm.RequestRejected',
  AI_NoSuchModelError: 'Llm.RequestRejected',
  AI_UnsupportedFunctionalityError: 'Llm.RequestRejected',
};

/** What a failed call to a model means to a run: whether a later try may mend it, and who can. */
export function llmFailure(model: string, error: unknown, secret = ''): StatebagError {
  if (isStatebagError(error)) return error;
  const { status, name, body } = facts(error);
  const message = withoutSecret(error instanceof Error ? error.message : String(error), secret);
  if (status === undefined)
    return new StatebagError(BEFORE_SENDING[name] ?? 'Llm.Unavailable', `${model}: ${message}`, {
      cause: error,
    });
  if (KEY_REFUSED.has(status) || body.includes(KEY_REFUSED_TEXT))
    return new StatebagError('Llm.Unconfigured', `the provider refused the key (${status}): ${message}`, {
      cause: error,
      details: { status },
    });
  const code = status >= 500 || LATER.has(status) ? 'Llm.Unavailable' : 'Llm.RequestRejected';
  return new StatebagError(code, `the provider answered ${status} for ${model}: ${message}`, {
    cause: error,
    details: { status },
  });
}

interface Facts {
  /** Undefined where there was no answer, or a good one that could not be read. */
  readonly status: number | undefined;
  readonly name: string;
  readonly body: string;
}

function facts(error: unknown): Facts {
  const { statusCode, responseBody } = (error ?? {}) as JsonObject; // looked at below
  return {
    status: typeof statusCode === 'number' && statusCode >= 300 ? statusCode : undefined,
    name: error instanceof Error ? error.name : '',
    body: typeof responseBody === 'string' ? responseBody : '',
  };
}

function withoutSecret(message: string, secret: string): string {
  const shown = secret === '' ? message : message.replaceAll(secret, '(key)');
  return withShortAddresses(shown);
}
