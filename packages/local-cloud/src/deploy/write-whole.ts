import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

/**
 * Writes a file of which others see all or nothing, however many write it at once. With `flush` a power
 * failure leaves it whole, too.
 */
export async function writeWhole(
  path: string,
  content: string | Buffer,
  { flush = false }: { readonly flush?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content, { flush });
  await rename(temporary, path);
}
