import type { RunView } from '@statebag/contracts/schemas/api';
import { plural } from '../format.ts';
import type { Standing } from '../parts/standing.ts';
import { verdictOf } from '../run/verdict.ts';
import type { Figures } from './figures.ts';

const ENDED: Readonly<Partial<Record<RunView['status'], Standing>>> = {
  SUCCEEDED: 'ok',
  FAILED: 'fail',
  TIMED_OUT: 'fail',
  ABORTED: 'stop',
  CANCELLED: 'stop',
};

/** How a run stands for a reader: one that waits for a person does not need anybody who holds it. */
export function standingOf(
  { status }: Pick<RunView, 'status'>,
  { held, waits }: { readonly held: boolean; readonly waits: boolean },
): Standing {
  return ENDED[status] ?? (waits ? 'wait' : held ? 'run' : 'lost');
}

interface Known {
  readonly standing: Standing;
  readonly question: string | undefined;
  readonly figures: Figures | undefined;
}

/** One line of what a run is about: its error, its question, its progress. */
export function aboutRun(
  run: RunView,
  { standing, question, figures }: Known,
): { text: string; tone: string } {
  if (question !== undefined && standing === 'wait') return { text: question, tone: 'w' };
  if (run.status === 'RUNNING' && (run.queued_at ?? null) !== null)
    return { text: 'waits to begin', tone: 'w' };
  if (standing === 'fail' || standing === 'stop') {
    const { code, sentence } = verdictOf(run);
    return { text: `${code}: ${sentence}`, tone: standing === 'fail' ? 'e' : 'o' };
  }
  if (standing === 'lost') return { text: 'no process runs it', tone: 'o' };
  const again = run.resumes === 0 ? '' : `, resumed ${plural(run.resumes, 'time')}`;
  return { text: figures ? `${plural(figures.segments, 'segment')}${again}` : '', tone: '' };
}
