import { KB } from '@statebag/contracts';

/** Files of one kind that a service takes: how they may be written, and how large one may be, in bytes. */
interface Form {
  readonly types: readonly string[];
  readonly bytes: number;
}

/**
 * What a service takes along with a question. The limits are those of its documentation, read on
 * 2026-11-28.
 */
export interface FileForms {
  readonly forms: readonly Form[];
  /** All files of one question together, in bytes as they lie in the store. */
  readonly together: number;
  readonly count: number;
}

const MB = KB * KB;
/** Base64 makes four bytes of three. */
const AS_BASE64 = 3 / 4;

const PICTURES = ['image/png', 'image/jpeg', 'image/webp'];
const PDF = 'application/pdf';
const OFFICE = {
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
const TEXTS = { csv: 'text/csv', html: 'text/html', txt: 'text/plain', md: 'text/markdown' } as const;

/** By the name of the provider; one that is not here takes no files. */
export const FILE_FORMS: Readonly<Record<string, FileForms>> = {
  mock: {
    forms: [{ types: [...PICTURES, 'image/gif', PDF], bytes: 20 * MB }],
    together: 50 * MB,
    count: 20,
  },
  openai: {
    forms: [{ types: [...PICTURES, 'image/gif', PDF], bytes: 32 * MB }],
    together: 50 * MB * AS_BASE64,
    count: 100,
  },
  anthropic: {
    forms: [
      { types: [...PICTURES, 'image/gif'], bytes: 5 * MB },
      { types: [PDF], bytes: 31 * MB * AS_BASE64 },
    ],
    together: 31 * MB * AS_BASE64,
    count: 100,
  },
  google: {
    forms: [{ types: [...PICTURES, 'image/heic', 'image/heif', PDF], bytes: 19 * MB * AS_BASE64 }],
    together: 19 * MB * AS_BASE64,
    count: 100,
  },
  bedrock: {
    forms: [
      { types: [...PICTURES, 'image/gif'], bytes: 3.75 * MB },
      { types: [PDF, ...Object.values(OFFICE), ...Object.values(TEXTS)], bytes: 4.5 * MB },
    ],
    together: 20 * MB,
    count: 20,
  },
};

const BY_ENDING: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: PDF,
  ...OFFICE,
  ...TEXTS,
};

/** What a file is by the ending of its name; undefined for an ending that says nothing. */
export function mediaTypeOf(name: string): string | undefined {
  const ending = /\.([a-z0-9]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  return Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined;
}
