import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { keepProvider } from '@statebag/deployment/local-provider';
import { UsageError } from '../exit.ts';
import type { OpenApp, OpenOptions } from './open-app.ts';

const RUNNER = LOCAL_APP.functionArn('segment-runner', 'executeSegment');

/**
 * Gives the address of `--provider-url` to all runs of the data directory, whichever process runs them.
 * @throws UsageError where the process that runs the cloud has the service in its configuration file
 */
export async function useProvider(app: OpenApp, { providerUrl, dataDir }: OpenOptions): Promise<void> {
  if (providerUrl === undefined) return;
  const used = await addressIn(app, RUNNER);
  if (used !== 'kept' && used.base_url !== providerUrl)
    throw new UsageError(
      `--provider-url has no effect: another process runs the cloud of ${dataDir}, and its configuration says that the provider ${said(used)}
  mend: change statebag.config of that process, end it first, or give another --data-dir`,
    );
  keepProvider(dataDir, providerUrl);
}

/**
 * The same for a run that goes on. @throws UsageError where it began with an address of a configuration file:
 * it goes on with the functions it began with
 */
export async function useProviderOf(
  app: OpenApp,
  { run, execution, options }: { run: string; execution: string; options: OpenOptions },
): Promise<void> {
  const { providerUrl, dataDir } = options;
  if (providerUrl === undefined) return;
  const used = await addressIn(app, await runnerOf(app, execution));
  if (used !== 'kept' && used.base_url !== providerUrl)
    throw new UsageError(
      `--provider-url has no effect: ${run} goes on with the configuration it began with, and its provider ${said(used)}
  mend: leave --provider-url out, or start the workflow again with statebag run <workflow> --provider-url …`,
    );
  keepProvider(dataDir, providerUrl);
}

/** The version of the runner that an execution calls. */
async function runnerOf({ sfn }: OpenApp, executionArn: string): Promise<string> {
  const { stateMachineVersionArn, stateMachineArn } = await sfn.send(
    new DescribeExecutionCommand({ executionArn }),
  );
  const { definition = '' } = await sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: stateMachineVersionArn ?? stateMachineArn }),
  );
  return new RegExp(`${RUNNER}(:\\d+)?`).exec(definition)?.[0] ?? RUNNER;
}

/** An address that stands in the function's own settings, if any; or that it looks the address up. */
type Address = 'kept' | { readonly base_url: string | undefined };

async function addressIn({ lambda }: OpenApp, FunctionName: string): Promise<Address> {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { LLM_PROVIDERS: text, LLM_BASE_URL } = Environment?.Variables ?? {};
  const { 'openai-compatible': compatible } = JSON.parse(text || '{}');
  const { settings_parameter, base_url = LLM_BASE_URL || undefined } = Object(compatible);
  return settings_parameter === undefined ? { base_url } : 'kept';
}

/** Keys may stand in user info and query; nobody needs them to know the address again. */
function said({ base_url }: { readonly base_url: string | undefined }): string {
  if (base_url === undefined || !URL.canParse(base_url)) return 'has no address';
  const { origin, pathname } = new URL(base_url);
  return `is at ${origin}${pathname}`;
}
