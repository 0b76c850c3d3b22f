/** Who signed a request, and what the role behind the key may do beyond its own objects. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Without `s3:ListBucket` a missing key answers 403 instead of 404, and lists are refused. */
  readonly mayListBuckets: boolean;
  /** Set when the key belongs to a deployed function. */
  readonly functionName?: string;
}

export interface Keyring {
  add(identity: Identity): void;
  find(accessKeyId: string): Identity | undefined;
}

/** The keys that the gateway accepts. */
export function createKeyring(identities: readonly Identity[]): Keyring {
  const byKey = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  return {
    add: (identity) => void byKey.set(identity.accessKeyId, identity),
    find: (accessKeyId) => byKey.get(accessKeyId),
  };
}
