import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** The account that the credentials in the environment belong to. */
export async function callerAccount(region: string): Promise<string> {
  const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  if (Account === undefined) throw new Error('GetCallerIdentity answered without an account');
  return Account;
}
