import { type Cell, type Cells, cellOf, cellProblems } from '@statebag/api';
import { UsageError } from '../exit.ts';

export interface FoundCell extends Pick<Cell, 'api' | 'stage' | 'region'> {
  readonly cell: string;
}

/** The cell of an owner, by the configuration. @throws UsageError where it gives an owner none, or two */
export function cellOfOwner(cells: Cells | undefined, owner: string): FoundCell {
  if (cells === undefined)
    throw new UsageError(
      'the configuration has no cells\n  mend: name them in statebag.config (docs/scale.md), or give --config',
    );
  const problems = cellProblems(cells);
  if (problems.length > 0)
    throw new UsageError(
      `${problems.join('; ')}\n  mend: give every slot from 0 to 99, and every owner that is named, to one cell`,
    );
  const cell = cellOf(cells, owner);
  const { api = '', stage, region } = cells[cell] ?? {};
  return { cell, api, ...(stage !== undefined && { stage }), ...(region !== undefined && { region }) };
}
