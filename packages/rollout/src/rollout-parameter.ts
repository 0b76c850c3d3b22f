import {
  GetParameterCommand,
  type GetParameterRequest,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { accept, StatebagError } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { validateRolloutSettings } from '@statebag/contracts/validators';

/** The name of the parameter of a stage. */
export function rolloutParameter(stage: string): string {
  return `/statebag/${stage}/rollout`;
}

/** What SSM is asked for. Failures have the service's names. */
export interface ParameterRequests {
  getParameter(
    input: GetParameterRequest,
  ): Promise<{ readonly Parameter?: { readonly Value?: string | undefined } | undefined }>;
}

/** @throws `Rollout.Unreadable`, `Store.Unavailable` */
export async function settingsOver(
  { getParameter }: ParameterRequests,
  name: string,
): Promise<RolloutSettings> {
  const { Parameter } = await getParameter({ Name: name }).catch((error: unknown) => {
    throw parameterFailure(name, error);
  });
  return settingsIn(name, Parameter?.Value ?? '');
}

/** The same by a client of the SDK. */
export function readSettings(ssm: SSMClient, name: string): Promise<RolloutSettings> {
  return settingsOver({ getParameter: (input) => ssm.send(new GetParameterCommand(input)) }, name);
}

/** @throws `Rollout.Unreadable`, `Store.AccessDenied`, `Store.Unavailable` */
export async function writeSettings(ssm: SSMClient, name: string, settings: RolloutSettings): Promise<void> {
  await ssm
    .send(
      new PutParameterCommand({
        Name: name,
        Value: JSON.stringify(settings),
        Type: 'String',
        Overwrite: true,
      }),
    )
    .catch((error: unknown) => {
      throw parameterFailure(name, error);
    });
}

function settingsIn(name: string, text: string): RolloutSettings {
  try {
    return accept<RolloutSettings>(validateRolloutSettings, JSON.parse(text), 'rollout');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StatebagError(
      'Rollout.Unreadable',
      `the parameter ${name} holds no rollout settings: ${problem}`,
      { cause },
    );
  }
}

/** Answers of the service that no later try will mend. */
const FINAL: ReadonlySet<string> = new Set([
  'ParameterNotFound',
  'ParameterVersionNotFound',
  'ValidationException',
]);

/** Nobody, somebody unknown, or somebody who may not. */
const REFUSED: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'InvalidSignatureException',
]);

function parameterFailure(name: string, error: unknown): StatebagError {
  const [code, problem] =
    error instanceof Error ? [error.name, error.message || error.name] : ['', String(error)];
  const message = `the parameter ${name}: ${problem}`;
  if (REFUSED.has(code)) return new StatebagError('Store.AccessDenied', message, { cause: error });
  return new StatebagError(FINAL.has(code) ? 'Rollout.Unreadable' : 'Store.Unavailable', message, {
    cause: error,
  });
}

export type ReadSettings = () => Promise<RolloutSettings>;

/** A change of the weight takes effect within this time. */
export const REMEMBERED_MS = 3_000;

/**
 * Reads the settings anew when they are older than `REMEMBERED_MS`. Settings that cannot be read are an
 * error: nobody knows what was switched off meanwhile.
 */
export function rememberedSettings(read: ReadSettings, now: () => number): ReadSettings {
  let last: { readonly at: number; readonly settings: Promise<RolloutSettings> } | undefined;
  return () => {
    if (last === undefined || now() - last.at >= REMEMBERED_MS) {
      const asked = { at: now(), settings: read() };
      last = asked;
      asked.settings.catch(() => {
        if (last === asked) last = undefined;
      });
    }
    return last.settings;
  };
}
