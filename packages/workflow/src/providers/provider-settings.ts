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
