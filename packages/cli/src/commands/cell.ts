import { isId } from '@statebag/contracts/ids';
import type { LocalConfig } from '@statebag/deployment/local-config';
import { cellOfOwner } from '../cloud/cell-of-owner.ts';
import { EXIT, UsageError } from '../exit.ts';

export interface CellOptions {
  readonly localConfig?: LocalConfig;
  readonly json?: boolean;
}

/** `statebag cell`: the deployment that an owner is in. */
export async function cell(owner: string, { localConfig, json = false }: CellOptions): Promise<number> {
  if (!isId(owner))
    throw new UsageError(`${owner}: not the id of an owner\n  mend: give letters, digits, -, _, . and :`);
  const found = cellOfOwner(localConfig?.cells, owner);
  const { cell: name, api, stage, region } = found;
  const place = stage === undefined ? '' : `, stage ${stage}${region === undefined ? '' : ` in ${region}`}`;
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : `${owner} is in ${name}: ${api}${place}\n`);
  return EXIT.succeeded;
}
