import { malformed } from './errors.ts';

/** `count` blocks of addresses with `bits` bits of their own each, from the start of a larger block. */
export function addressBlocks(block: string, count: number, bits: number): string[] {
  const [, address = '', prefix = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(block) ?? [];
  const length = 32 - bits;
  if (
    address === '' ||
    !(count >= 1 && count <= 256) ||
    length < Number(prefix) ||
    count > 2 ** (length - Number(prefix))
  )
    throw malformed(
      `Fn::Cidr: ${block} has no ${count} blocks of ${bits} bits; the local cloud knows IPv4 only`,
    );
  const first = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  return Array.from({ length: count }, (_, index) => `${dotted(first + index * 2 ** bits)}/${length}`);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
