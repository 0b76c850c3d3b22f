import { StatebagError } from '@statebag/contracts';
import type { Confinement } from '@statebag/contracts/object-keys';

/** A prefix of the first generation with a place for the execution: `states/{owner_id}/{execution_id}/`. */
const TEMPLATE =
  /^(?!runs\/|definitions\/|uploads\/)(?:[A-Za-z0-9._=-]|\{owner_id\}|\{execution_id\})+(?:\/(?:[A-Za-z0-9._=-]|\{owner_id\}|\{execution_id\})+)*\/$/;

/**
 * `LEGACY_READ_PREFIXES`: prefixes, separated by commas, that pointers of the first generation may lead to.
 * Each has the execution as a
 * whole part of its path, so that no run reads what is another's.
 * @throws `Contract.Misconfigured` naming the prefix
 */
export function legacyPrefixTemplates(text = ''): readonly string[] {
  const templates = text
    .split(',')
    .map((template) => template.trim())
    .filter((template) => template !== '');
  for (const template of templates) {
    if (TEMPLATE.test(template) && template.split('/').includes('{execution_id}')) continue;
    throw new StatebagError(
      'Contract.Misconfigured',
      `the environment variable LEGACY_READ_PREFIXES holds ${JSON.stringify(template)}: a prefix ends in a slash and has {execution_id} as a part of its own`,
    );
  }
  return templates;
}

/** The prefixes of one run. */
export function legacyPrefixesOf(
  templates: readonly string[],
  { owner_id, execution_id }: Pick<Confinement, 'owner_id' | 'execution_id'>,
): string[] {
  return templates.map((template) =>
    template.replaceAll('{owner_id}', owner_id).replaceAll('{execution_id}', execution_id),
  );
}
