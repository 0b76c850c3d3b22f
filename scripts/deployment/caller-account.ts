import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

/** The account that the credentials belong to: those of the environment, if none are given. */
export async function callerAccount(place: Pick<STSClientConfig, 'region' | 'endpoint' | 'credentials'>): Promise<string> {
  const sts = new STSClient(place);
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  if (Account === undefined) throw new Error('GetCallerIdentity answered without an account');
  return Account;
}
