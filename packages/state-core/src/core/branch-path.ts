import { BRANCH_PATH_MAX_BYTES, type BranchPath, type BranchPointer, type StateBag } from '@statebag/contracts';
import { sha256Of } from './canonical-json.ts';

/** The path of a branch or item below another: indices joined by dots; a path that grows too long goes on as its hash. */
export function childBranchPath(parent: BranchPath, index: number): BranchPath {
  const path = parent === '' ? String(index) : `${parent}.${index}`;
  const fits = path.length <= BRANCH_PATH_MAX_BYTES && !parent.startsWith('h');
  return (fits ? path : `h${sha256Of(path)}`) as BranchPath; // built from an index and a path: the grammar of branch paths
}

/** Which branch a bag is of: as it was named before; else the last index of its path says it. */
export function branchOf({ branch_pointer, branch_path }: StateBag): Pick<BranchPointer, 'branch_id' | 'branch_index'> {
  if (branch_pointer) return { branch_id: branch_pointer.branch_id, branch_index: branch_pointer.branch_index };
  const branch_index = Number(/(\d+)$/.exec(branch_path)?.[1] ?? 0);
  return { branch_id: `branch-${branch_index}`, branch_index };
}
