import type { QueryInput } from '../gateway/query-service.ts';
import { invalid } from './errors.ts';
import type { Account } from './provider.ts';
import { textOf } from './request-shapes.ts';

/** Bytes (AWS documentation "Understand CloudFormation quotas", read 2026-07). */
const LIMITS = { body: 51_200, object: 1_048_576 } as const;

/**
 * The text of the template that a request gives, inside itself or as the address of an object. Clients write
 * an address of AWS, whatever their endpoint is: bucket and key are looked for in the own store.
 */
export async function templateText(
  input: QueryInput,
  { s3 }: Pick<Account, 's3'>,
): Promise<string | undefined> {
  const [body, url] = [textOf(input, 'TemplateBody'), textOf(input, 'TemplateURL')];
  if (body !== undefined && url !== undefined)
    throw invalid('Specify only one of TemplateBody or TemplateUrl');
  if (body !== undefined) return within(body, LIMITS.body, 'templateBody');
  if (url === undefined) return undefined;
  const { bucket, key } = placeOf(url);
  const object = await s3.get(bucket, key).catch((cause: unknown) => {
    throw invalid(`S3 error: ${cause instanceof Error ? cause.message : String(cause)} (${bucket}/${key})`);
  });
  return within(Buffer.from(object.body).toString('utf8'), LIMITS.object, 'templateURL');
}

function within(text: string, most: number, member: string): string {
  if (Buffer.byteLength(text) <= most) return text;
  throw invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}

function placeOf(url: string): { readonly bucket: string; readonly key: string } {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined) throw invalid('TemplateURL must be a supported URL.');
  const path = decodeURIComponent(address.pathname).slice(1);
  const [, virtual] = /^(.+)\.s3[.-][\w.-]*amazonaws\.com$/.exec(address.hostname) ?? [];
  if (virtual !== undefined) return { bucket: virtual, key: path };
  const slash = path.indexOf('/');
  if (slash < 1) throw invalid('TemplateURL must reference a valid S3 object to which you have access.');
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
