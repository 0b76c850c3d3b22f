import type { MigrationVerdict } from '@statebag/rollout/fork';
import { countText } from './amounts.ts';

/** What was found about a run, and the fork that waits in its place; null where it was not moved. */
export interface Migrated extends Pick<MigrationVerdict, 'run' | 'reasons'> {
  readonly verdict: MigrationVerdict['verdict'] | 'not possible';
  readonly planned?: MigrationVerdict['planned'];
  readonly why?: string;
  readonly moved_to: string | null;
}

/** A line for each run, and one for each thing that is in its way. */
export function migrationText(
  migrated: readonly Migrated[],
  { applied }: { readonly applied: boolean },
): string {
  const lines = migrated.flatMap((each) => [
    `${each.run.execution_id}: ${verdictText(each)}`,
    ...each.reasons.map(({ node_id, why }) => `  ${node_id}: ${why}`),
  ]);
  const fit = migrated.filter(({ verdict }) => verdict === 'compatible').length;
  const others = migrated.length - fit;
  const end = `${countText(migrated.length, 'run')} of another version: ${fit} ${applied ? 'moved' : 'compatible'}, ${others} not`;
  return `${[...lines, end].join('\n')}\n`;
}

function verdictText({ verdict, moved_to, planned, why }: Migrated): string {
  if (moved_to !== null) return `moved, ${moved_to} waits in its place`;
  if (verdict === 'compatible') return `compatible, would go on at ${planned?.segment_to_run ?? ''}`;
  if (verdict === 'works') return 'works at the moment; look again when it waits';
  return verdict === 'in the way' ? 'not compatible' : (why ?? verdict);
}

export function migrationView({ run, verdict, reasons, planned, why, moved_to }: Migrated): object {
  return {
    execution_id: run.execution_id,
    definition_id: run.definition_id,
    verdict,
    reasons,
    begins_at: planned?.segment_to_run ?? null,
    ...(why !== undefined && { why }),
    moved_to,
  };
}
