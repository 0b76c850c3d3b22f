import type { PauseRequest } from '@statebag/contracts/schemas/pause-request';
import { scopedField } from './field-scope.ts';
import type { CompiledNode } from './flow.ts';

/** Where the answer to a pause of this node goes. */
export function answerPlace({
  id,
  output_key,
  reducers,
  use,
}: CompiledNode): Pick<PauseRequest, 'node_id' | 'field' | 'reducer'> {
  const field = scopedField(use?.writes ?? '', output_key ?? id);
  const reducer = Object.hasOwn(reducers, field) ? reducers[field] : undefined;
  return { node_id: id, field, ...(reducer !== undefined && { reducer }) };
}
