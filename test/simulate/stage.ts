import { UsageError } from '@statebag/cli';
import type { Api } from './world.ts';

/** The API of a deployed stage. @throws UsageError naming what is missing */
export function openStage(environment: Readonly<Record<string, string | undefined>>): {
  readonly api: Api;
  readonly local?: undefined;
  close(): Promise<void>;
} {
  const { STATEBAG_API_URL: url, STATEBAG_API_TOKEN: ada, STATEBAG_API_TOKEN_OTHER: bob } = environment;
  if (url === undefined || ada === undefined)
    throw new UsageError(
      'a stage takes STATEBAG_API_URL and STATEBAG_API_TOKEN; scenarios with two owners also STATEBAG_API_TOKEN_OTHER',
    );
  const token = (person: string): string => {
    if (person === 'ada') return ada;
    if (bob === undefined) throw new Error('this scenario takes a second owner: STATEBAG_API_TOKEN_OTHER');
    return bob;
  };
  return { api: { url: url.replace(/\/$/, ''), token }, close: async () => {} };
}
