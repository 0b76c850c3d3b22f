import { createHash } from 'node:crypto';
import { type OwnerId, ownerId } from '@statebag/contracts';

/** Who owns what a replay writes: nobody who can start runs. The run keeps its id, by which its calls are found again. */
export function replayOwner(owner: OwnerId): OwnerId {
  return ownerId(`shadow.${createHash('sha256').update(owner).digest('hex').slice(0, 40)}`);
}
