import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The checksums that S3 clients send, by the name in their headers (`x-amz-checksum-<name>`). */
export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumName = (typeof CHECKSUM_NAMES)[number];

/** A checksum over chunks in order. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** Base64, as S3's headers carry it. */
  digest(): string;
}

const STARTS: Readonly<Record<ChecksumName, () => RunningChecksum>> = {
  crc32: runningCrc32,
  crc32c: runningCrc32c,
  crc64nvme: runningCrc64,
  sha1: () => runningHash('sha1'),
  sha256: () => runningHash('sha256'),
};

/** Starts a checksum of one kind. */
export function startChecksum(name: ChecksumName): RunningChecksum {
  return STARTS[name]();
}

/** True for a checksum this server can verify. */
export function isChecksumName(name: string): name is ChecksumName {
  return Object.hasOwn(STARTS, name);
}

function runningHash(algorithm: 'sha1' | 'sha256'): RunningChecksum {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}

function runningCrc32(): RunningChecksum {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => base64Of([value]),
  };
}

const CRC32C_POLYNOMIAL = 0x82f63b78;
const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
  return value;
});

function runningCrc32c(): RunningChecksum {
  let value = 0xffffffff;
  return {
    update: (chunk) => {
      for (const byte of chunk) value = (value >>> 8) ^ (crc32cTable[(value ^ byte) & 0xff] ?? 0);
    },
    digest: () => base64Of([~value >>> 0]),
  };
}

const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const crc64Rows = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1)
    value = value & 1n ? (value >> 1n) ^ CRC64NVME_POLYNOMIAL : value >> 1n;
  return value;
});
const crc64High = Uint32Array.from(crc64Rows, (value) => Number(value >> 32n));
const crc64Low = Uint32Array.from(crc64Rows, (value) => Number(value & 0xffffffffn));

/** CRC-64/NVME in two 32-bit halves: BigInt arithmetic per byte would be some fifty times slower. */
function runningCrc64(): RunningChecksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update: (chunk) => {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (crc64Low[index] ?? 0);
        high = (high >>> 8) ^ (crc64High[index] ?? 0);
      }
    },
    digest: () => base64Of([~high >>> 0, ~low >>> 0]),
  };
}

function base64Of(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => void bytes.writeUInt32BE(word, index * 4));
  return bytes.toString('base64');
}
