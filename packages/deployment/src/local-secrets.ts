import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSecretName, withoutReference } from '@statebag/contracts/secret-name';
import type { LocalCloudOptions } from '@statebag/local-cloud';
import { LLM_KEY_VARIABLE, LOCAL_PREFIX, type Parameter, PROVIDER_PARAMETER } from './local-parameters.ts';
import { keptProvider } from './local-provider.ts';

type HeldParameters = NonNullable<LocalCloudOptions['heldParameters']>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Keys and secrets of this machine, as the parameters that a deployment has them in. They stay in the
 * environment or in `<data directory>/secrets` and are read when a call needs them: none is ever written into
 * the journal.
 */
export function localSecrets(dataDir: string, environment: Environment = process.env): HeldParameters {
  return (asked) => {
    const parameter = withoutReference(asked);
    if (!parameter.startsWith(LOCAL_PREFIX)) return null;
    if (parameter === PROVIDER_PARAMETER) return keptProvider(dataDir, environment);
    const [kind = '', name = '', ...deeper] = parameter.slice(LOCAL_PREFIX.length).split('/');
    if (deeper.length > 0) return null;
    if (kind === 'llm-api-key') return ofVariable(environment, LLM_KEY_VARIABLE);
    if (kind === 'env') return ofVariable(environment, name);
    return kind === 'secrets' ? secretNamed(name, { dataDir, environment }) : null;
  };
}

function ofVariable(environment: Environment, name: string): Parameter {
  const value = environment[name];
  return value ? { value } : { missing: `the environment variable ${name} is not set in this process` };
}

function secretNamed(
  name: string,
  { dataDir, environment }: { readonly dataDir: string; readonly environment: Environment },
): Parameter {
  if (!isSecretName(name)) return { missing: `${JSON.stringify(name)} is no name of a secret` };
  const variable = `STATEBAG_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
  const value = environment[variable];
  if (value) return { value };
  const place = join(dataDir, 'secrets');
  const kept = keptIn(place, name);
  return (
    kept ?? {
      missing: `there is no secret ${name}: set ${variable}, or write it into ${place} as a line ${name}=… of a file, or as a file ${name} of a folder`,
    }
  );
}

/**
 * What the file `secrets`, or the file of that name in the folder `secrets`, holds; null where nothing
 * does.
 */
function keptIn(place: string, name: string): Parameter {
  const kind = ifThere(place);
  if (kind === null) return null;
  const path = kind.isDirectory() ? join(place, name) : place;
  const file = ifThere(path);
  if (file === null) return null;
  if (!file.isFile()) return { missing: `${path} is no file` };
  if ((file.mode & 0o077) !== 0)
    return { missing: `${path} can be read by others, so it is not used; run: chmod 600 ${path}` };
  const text = readFileSync(path, 'utf8');
  const value = kind.isDirectory() ? text.replace(/\r?\n$/, '') : lineOf(text, name);
  return value === null || value === '' ? null : { value };
}

/** The value behind `name=`; empty lines and lines that begin with `#` say nothing. */
function lineOf(text: string, name: string): string | null {
  const line = text.split(/\r?\n/).find((each) => each.startsWith(`${name}=`));
  return line === undefined ? null : line.slice(name.length + 1);
}

function ifThere(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
