import { StatebagError } from '@statebag/contracts';
import { isId, type OwnerId } from '@statebag/contracts/ids';

/** Owners with more runs than one partition of an index takes. */
export type LargeOwners = ReadonlySet<OwnerId>;

/** The owners of `LARGE_OWNERS`, separated by commas. @throws `Contract.Misconfigured` */
export function largeOwnersIn({ LARGE_OWNERS }: Readonly<Record<string, string | undefined>>): LargeOwners {
  const names = (LARGE_OWNERS ?? '').split(',').flatMap((name) => name.trim() || []);
  const strange = names.find((name) => !isId(name));
  if (strange !== undefined)
    throw new StatebagError(
      'Contract.Misconfigured',
      `the environment variable LARGE_OWNERS names ${JSON.stringify(strange)}, which is no owner`,
    );
  return new Set(names as OwnerId[]); // of the grammar of ids
}
