import { confine, isJsonObject, type JsonObject, type RunLocation, type StartEvent, StatebagError } from '@statebag/contracts';
import { readVerified, type StoreSession } from '@statebag/state-core';

/**
 * The input of a run, from its start event or from the owner's uploads.
 * @throws `Pointer.Foreign` for any other address, `Contract.EventRejected` for what is no JSON object
 */
export async function loadInput(start: StartEvent, { session, location }: { session: StoreSession; location: RunLocation }): Promise<JsonObject> {
  if ('input' in start) return start.input;
  const uploads = `s3://${location.bucket}/uploads/${start.owner_id}/`;
  if (!start.input_s3_path.startsWith(uploads)) throw new StatebagError('Pointer.Foreign', `the input ${start.input_s3_path} does not lie under ${uploads}`);
  const uri = confine(start.input_s3_path, { ...location, uploads: true });
  const { value, size } = await readVerified({ uri }, session);
  session.counts.hydrated_bytes += size;
  if (isJsonObject(value)) return value;
  throw new StatebagError('Contract.EventRejected', `the input ${uri} is not a JSON object`);
}
