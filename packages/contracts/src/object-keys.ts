import { lineageOf } from './fork-lineage.ts';
import { type DefinitionId, type ExecutionId, isId, type OwnerId, type SegmentId } from './ids.ts';
import { StatebagError } from './statebag-error.ts';
import type { Brand, Sha256 } from './units.ts';

/** Address of a stored object: `s3://<bucket>/<key>`. */
export type S3Uri = Brand<string, 'S3Uri'>;

/** How a value's bytes are written; the key of an object that holds one value ends accordingly. */
export type Encoding = 'json' | 'json+zstd' | 'json+gzip';

/**
 * How an object's bytes are written: as one value, or as many, one after the other, each in its own
 * encoding.
 */
export type ObjectEncoding = Encoding | 'pack';

const EXTENSION: Readonly<Record<Encoding, string>> = {
  json: '.json',
  'json+zstd': '.json.zst',
  'json+gzip': '.json.gz',
};

/** Whose objects a run may read and write, and where. */
export interface RunLocation {
  readonly bucket: string;
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
}

/** Where a definition lies. */
export interface DefinitionLocation {
  readonly bucket: string;
  readonly owner_id: OwnerId;
  readonly definition_id: DefinitionId;
}

/** What a content-addressed object of a run is; the folder decides nothing but the reader's overview. */
export type ObjectKind = 'blobs' | 'packs' | 'history' | 'snapshots' | 'map';

const PARSED = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
const DEFINITION_KEY =
  /^definitions\/([^/]+)\/([^/]+)\/(workflow\.json|manifest\.json|segments\/[^/]+\.json)$/;
const UPLOAD_KEY = /^uploads\/([^/]+)\/([^/]+(?:\/[^/]+)*)$/;
const RUN_KEY =
  /^runs\/([^/]+)\/([^/]+)\/((?:blobs|packs|history|snapshots|map)\/[^/]+|map\/[^/]+(?:\/[^/]+)*|ledger\/[0-9a-f]{64}(?:\.(?:intent|end)(?:-[1-9][0-9]{0,5})?)?\.json)$/;

function uri(bucket: string, key: string): S3Uri {
  return `s3://${bucket}/${key}` as S3Uri; // built from checked parts: this is where text becomes an address
}

/** The prefix that holds everything of one run, with its closing slash. */
export function runPrefix({
  owner_id,
  execution_id,
}: Pick<RunLocation, 'owner_id' | 'execution_id'>): string {
  return `runs/${owner_id}/${execution_id}/`;
}

/** Address of a content-addressed object of the run. */
export function contentUri(
  run: RunLocation,
  kind: ObjectKind,
  { sha256, encoding }: { sha256: Sha256; encoding: Encoding },
): S3Uri {
  return uri(run.bucket, `${runPrefix(run)}${kind}/${sha256}${EXTENSION[encoding]}`);
}

/** Address of an object that holds several values of the run. */
export function packUri(run: RunLocation, sha256: Sha256): S3Uri {
  return uri(run.bucket, `${runPrefix(run)}packs/${sha256}.pack`);
}

/**
 * Address of a ledger record, or of what precedes it: the intent of an attempt, and how the attempt ended.
 */
export function ledgerUri(
  run: RunLocation,
  key: string,
  kind: 'record' | { readonly of: 'intent' | 'end'; readonly attempt: number },
): S3Uri {
  return uri(
    run.bucket,
    `${runPrefix(run)}ledger/${key}${kind === 'record' ? '' : attemptSuffix(kind)}.json`,
  );
}

/** The first attempt has no number: older runs had one attempt only. */
function attemptSuffix({ of, attempt }: { readonly of: string; readonly attempt: number }): string {
  return attempt === 0 ? `.${of}` : `.${of}-${attempt}`;
}

export function workflowUri(definition: DefinitionLocation): S3Uri {
  return uri(
    definition.bucket,
    `definitions/${definition.owner_id}/${definition.definition_id}/workflow.json`,
  );
}

export function manifestUri(definition: DefinitionLocation): S3Uri {
  return uri(
    definition.bucket,
    `definitions/${definition.owner_id}/${definition.definition_id}/manifest.json`,
  );
}

export function segmentUri(definition: DefinitionLocation, segment: SegmentId): S3Uri {
  return uri(
    definition.bucket,
    `definitions/${definition.owner_id}/${definition.definition_id}/segments/${segment}.json`,
  );
}

/** Address of an input or data file that an owner put there before the start. */
export function uploadUri(bucket: string, owner: OwnerId, name: string): S3Uri {
  return uri(bucket, `uploads/${owner}/${name}`);
}

export interface ParsedUri {
  readonly bucket: string;
  readonly key: string;
}

/** Splits an address. Raises `Contract.EventRejected` for anything that is none. */
export function parseS3Uri(text: string): ParsedUri {
  const match = PARSED.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new StatebagError('Contract.EventRejected', `${JSON.stringify(text)} is not an s3:// address`);
  return { bucket: match[1], key: match[2] };
}

/**
 * What a reader may reach: one run and those it was forked from, its definition, and its owner's uploads
 * where these are asked for.
 */
export interface Confinement extends RunLocation {
  readonly definition_id?: DefinitionId | null;
  readonly uploads?: boolean;
  /**
   * First-generation prefixes of this execution (LEGACY_READ_PREFIXES, already filled in), each ending in a
   * slash.
   */
  readonly legacyPrefixes?: readonly string[];
}

/**
 * The address, if the reader may use it. The grammar is the whole key, so an address cannot climb out of its
 * prefix.
 * @throws `Pointer.Foreign` before any request is sent.
 */
export function confine(text: string, reader: Confinement): S3Uri {
  const key = keyIn(text, reader);
  // grammar and prefix were checked
  if (key !== undefined && isInside(key, reader)) return text as S3Uri;
  throw new StatebagError(
    'Pointer.Foreign',
    `${JSON.stringify(text)} lies outside of run ${reader.execution_id} of owner ${reader.owner_id}`,
  );
}

/**
 * The same for an address that must be of an object that the run itself keeps, and of one of these kinds: a
 * pointer to a value leads neither to a definition nor to an upload.
 * @throws `Pointer.Foreign` before any request is sent.
 */
export function confineTo(kinds: readonly ObjectKind[], text: string, reader: Confinement): S3Uri {
  const key = keyIn(text, reader);
  // grammar and prefix were checked
  if (key !== undefined && hasPlainParts(key) && isKept(key, kinds, reader)) return text as S3Uri;
  throw new StatebagError(
    'Pointer.Foreign',
    `${JSON.stringify(text)} is not of the ${kinds.join(' or ')} of run ${reader.execution_id} of owner ${reader.owner_id}`,
  );
}

function keyIn(text: string, { bucket }: Confinement): string | undefined {
  const parsed = PARSED.exec(text);
  return parsed?.[1] === bucket ? parsed[2] : undefined;
}

function isKept(key: string, kinds: readonly ObjectKind[], reader: Confinement): boolean {
  const run = RUN_KEY.exec(key);
  if (run === null) return !DEFINITION_KEY.test(key) && isUnderLegacyPrefix(key, reader);
  return isOwn(run, reader) && kinds.some((kind) => run[3]?.startsWith(`${kind}/`));
}

function isInside(key: string, reader: Confinement): boolean {
  if (!hasPlainParts(key)) return false;
  const run = RUN_KEY.exec(key);
  if (run) return isOwn(run, reader);
  const definition = DEFINITION_KEY.exec(key);
  if (definition) return definition[1] === reader.owner_id && definition[2] === reader.definition_id;
  if (reader.uploads === true) return UPLOAD_KEY.exec(key)?.[1] === reader.owner_id;
  return isUnderLegacyPrefix(key, reader);
}

/** Of the run itself, or of one whose past it shares. */
function isOwn([, owner, run]: RegExpExecArray, { owner_id, execution_id }: Confinement): boolean {
  return owner === owner_id && lineageOf(execution_id).some((id) => id === run);
}

function isUnderLegacyPrefix(key: string, { legacyPrefixes = [] }: Confinement): boolean {
  return legacyPrefixes.some((prefix) => key.startsWith(prefix) && key.length > prefix.length);
}

function hasPlainParts(key: string): boolean {
  return key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** True for a name that can stand behind `uploads/<owner>/`: ids joined by slashes. */
export function isUploadName(name: string): boolean {
  return name.length <= 512 && name.split('/').every(isId);
}
