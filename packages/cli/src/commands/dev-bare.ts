import { once } from 'node:events';
import { join } from 'node:path';
import type { LocalConfig } from '@statebag/deployment/local-config';
import {
  type LocalCloud,
  type QuotaSet,
  QuotasInvalid,
  readQuotas,
  startLocalCloud,
} from '@statebag/local-cloud';
import { EXIT, UsageError } from '../exit.ts';

export interface AccountOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly account?: string;
  readonly region?: string;
  readonly localConfig?: LocalConfig | undefined;
  readonly quotas?: string;
}

/** The rates that were asked for. @throws UsageError for a set that is none */
export function quotasOf({ quotas }: Pick<AccountOptions, 'quotas'>): { readonly quotas?: QuotaSet } {
  if (quotas === undefined) return {};
  try {
    return { quotas: readQuotas(quotas) };
  } catch (error) {
    throw error instanceof QuotasInvalid ? new UsageError(`--quotas ${error.message}`) : error;
  }
}

/**
 * The account that AWS's own examples use: what belongs to 000000000000 is a placeholder in our templates.
 */
const ACCOUNT = '111122223333';

/** An account of its own: its data lie apart from those of the app on this machine. */
export async function openAccount({
  dataDir,
  port,
  account = ACCOUNT,
  region,
  localConfig = {},
  quotas,
}: AccountOptions): Promise<LocalCloud> {
  if (!/^\d{12}$/.test(account))
    throw new UsageError(`--account ${account}: not an account\n  mend: give twelve digits`);
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new UsageError(`--region ${region}: not a region\n  mend: give one such as eu-west-1`);
  const wanted = region ?? (process.env['AWS_REGION'] || 'us-east-1');
  return startLocalCloud({
    ...{ dataDir: join(dataDir, 'account'), port, account, region: wanted },
    endpoints: localConfig.endpoints ?? {},
    taskMocks: localConfig.task_mocks ?? {},
    ...quotasOf(quotas === undefined ? {} : { quotas }),
  });
}

/**
 * `statebag dev --bare`: an account with nothing in it, for `serverless deploy` and every AWS tool, until the
 * process gets SIGINT or SIGTERM.
 */
export async function devBare(options: AccountOptions): Promise<number> {
  const cloud = await openAccount(options);
  try {
    process.stdout.write(greeting(cloud, options.dataDir));
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    return EXIT.succeeded;
  } finally {
    await cloud.close();
  }
}

function greeting({ endpoint, environment, account, region }: LocalCloud, dataDir: string): string {
  return [
    `statebag dev listens at ${endpoint}: account ${account} in ${region}, with nothing deployed by itself`,
    `its data are kept in ${join(dataDir, 'account')}`,
    '',
    'For serverless, the AWS command line and SDKs:',
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    '',
    'Then:',
    `  npm run deploy -- --stage dev --region ${region}`,
    '',
    'A deployed HTTP API is reached here:',
    `  ${endpoint}/_aws/execute-api/<id of the API>/runs`,
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}
