import { StatebagError } from '@statebag/contracts';

/** A service that is asked with a key. From the deployment's configuration, never from a workflow. */
export interface KeyedSettings {
  /** Another address than the provider's own. */
  readonly base_url?: string;
  /** Read with the first call, and again after the service refused it. */
  readonly api_key: () => Promise<string>;
}

/** Where an OpenAI-compatible service is; ends before `/chat/completions`. */
export interface CompatibleSettings extends KeyedSettings {
  readonly base_url: string;
}

/** Amazon Bedrock is asked with the function's own credentials. */
export interface BedrockSettings {
  readonly region: string;
  readonly base_url?: string;
}

/** Which providers a deployment has. */
export interface ProviderSettings {
  /** Answers without a model. Off where only real answers make sense. */
  readonly mock?: boolean;
  readonly openai?: KeyedSettings;
  readonly anthropic?: KeyedSettings;
  readonly google?: KeyedSettings;
  readonly bedrock?: BedrockSettings;
  readonly 'openai-compatible'?: CompatibleSettings;
}

/**
 * The key as a header can carry it: white space around it came with a file. @throws `Llm.Unconfigured` for
 * one that no header carries
 */
export async function headerKey(read: () => Promise<string>): Promise<string> {
  const key = (await read()).trim();
  if (/^[\x20-\x7e]*$/.test(key)) return key;
  throw new StatebagError(
    'Llm.Unconfigured',
    'the key of the provider holds a character that is no printable ASCII; no request was sent',
  );
}
