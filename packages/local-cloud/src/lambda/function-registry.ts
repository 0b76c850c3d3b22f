import { ApiError, fromJson, type Journal, prepare } from '@statebag/states';
import {
  type Alias,
  DEFAULT_SETTINGS,
  type FunctionSettings,
  type FunctionVersion,
  type VersionConfig,
} from './function-config.ts';

/** Functions, their published versions and aliases. */
export interface FunctionRegistry {
  names(): string[];
  settings(functionName: string): FunctionSettings;
  /** Functions with places of their own. */
  reserved(): ReadonlyMap<string, number>;
  /** Sets `$LATEST` and the settings; a function that is not there is created. */
  define(functionName: string, config: VersionConfig, settings: FunctionSettings): void;
  /** Sets the settings of a function that is there. */
  configure(functionName: string, settings: FunctionSettings): void;
  /** Freezes `$LATEST`; unchanged since the last publication, that version is given again. */
  publish(functionName: string): FunctionVersion;
  versions(functionName: string): FunctionVersion[];
  removeVersion(functionName: string, version: string): void;
  /** A version, or what an alias points to now. */
  resolve(functionName: string, qualifier: string, random: () => number): FunctionVersion;
  aliases(functionName: string): Alias[];
  putAlias(alias: Alias): void;
  deleteAlias(functionName: string, name: string): void;
  remove(functionName: string): void;
}

interface VersionRow {
  function_name: string;
  version: string;
  modified_at: number;
  config: string;
}

interface AliasRow {
  function_name: string;
  name: string;
  version: string;
  description: string;
  weights: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lambda_function (name TEXT PRIMARY KEY, settings TEXT NOT NULL, last_version INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lambda_version (
    function_name TEXT NOT NULL, version TEXT NOT NULL, modified_at INTEGER NOT NULL, config TEXT NOT NULL, PRIMARY KEY (function_name, version)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lambda_alias (
    function_name TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, description TEXT NOT NULL, weights TEXT NOT NULL, PRIMARY KEY (function_name, name)) WITHOUT ROWID`;

interface RegistryContext {
  readonly journal: Journal;
  readonly sql: ReturnType<typeof statementsOf>;
  now(): number;
}

/** The registry in the journal's database. */
export function openFunctionRegistry(journal: Journal, now: () => number): FunctionRegistry {
  journal.write(() => journal.db.exec(SCHEMA));
  const sql = statementsOf(journal);
  const context: RegistryContext = { journal, sql, now };
  // asked for with every invocation, and seldom another
  let reserved: ReadonlyMap<string, number> | undefined;
  const changed = (write: () => void): void => {
    reserved = undefined;
    journal.write(write);
  };
  const settings = (functionName: string): FunctionSettings => ({
    ...DEFAULT_SETTINGS,
    ...fromJson<Partial<FunctionSettings>>(sql.function.get(functionName)?.settings ?? '{}'),
  });
  return {
    ...aliasMethods(context),
    names: () => sql.names.all().map(({ name }) => name),
    settings,
    reserved: () => {
      reserved ??= reservedOf(sql.names.all(), settings);
      return reserved;
    },
    define: (functionName, config, given) =>
      changed(() => {
        sql.putFunction.run(functionName, JSON.stringify(given));
        sql.putVersion.run(functionName, '$LATEST', now(), JSON.stringify(configOf(config)));
      }),
    configure: (functionName, given) =>
      changed(() => void sql.putFunction.run(functionName, JSON.stringify(given))),
    publish: (functionName) => publish(functionName, context),
    removeVersion: (functionName, version) =>
      journal.write(() => void sql.dropVersion.run(functionName, version)),
    versions: (functionName) => {
      requireVersion(functionName, '$LATEST', sql);
      const versions = sql.versions.all(functionName).flatMap((row) => versionOf(row) ?? []);
      return versions.sort((a, b) => (Number(a.version) || 0) - (Number(b.version) || 0));
    },
    resolve: (functionName, qualifier, random) => {
      const alias = sql.alias.get(functionName, qualifier);
      return requireVersion(
        functionName,
        alias === undefined ? qualifier : chooseVersion(aliasOf(alias), random()),
        sql,
      );
    },
    remove: (functionName) => {
      requireVersion(functionName, '$LATEST', sql);
      changed(
        () =>
          void [sql.dropFunction, sql.dropVersions, sql.dropAliases].map((statement) =>
            statement.run(functionName),
          ),
      );
    },
  };
}

function reservedOf(
  names: readonly { readonly name: string }[],
  settings: FunctionRegistry['settings'],
): ReadonlyMap<string, number> {
  const places = names.flatMap(({ name }) => {
    const { reservedConcurrency: own } = settings(name);
    return own === undefined ? [] : [[name, own] as const];
  });
  return new Map(places);
}

function aliasMethods({
  journal,
  sql,
}: RegistryContext): Pick<FunctionRegistry, 'aliases' | 'putAlias' | 'deleteAlias'> {
  return {
    aliases: (functionName) => sql.aliases.all(functionName).map(aliasOf),
    putAlias: (alias) => {
      for (const version of [alias.version, ...Object.keys(alias.weights)])
        requireVersion(alias.functionName, version, sql);
      journal.write(
        () =>
          void sql.putAlias.run(
            alias.functionName,
            alias.name,
            alias.version,
            alias.description,
            JSON.stringify(alias.weights),
          ),
      );
    },
    deleteAlias: (functionName, name) => journal.write(() => void sql.dropAlias.run(functionName, name)),
  };
}

function publish(functionName: string, { journal, sql, now }: RegistryContext): FunctionVersion {
  const latest = requireVersion(functionName, '$LATEST', sql);
  const number = sql.function.get(functionName)?.last_version ?? 0;
  const last = versionOf(sql.version.get(functionName, String(number)));
  if (last !== undefined && sameConfig(last, latest)) return last;
  const next = String(number + 1);
  journal.write(() => {
    sql.countVersion.run(functionName);
    sql.putVersion.run(functionName, next, now(), JSON.stringify(configOf(latest)));
  });
  return requireVersion(functionName, next, sql);
}

function requireVersion(functionName: string, version: string, sql: RegistryContext['sql']): FunctionVersion {
  const found = versionOf(sql.version.get(functionName, version));
  if (found === undefined) throw notFound(functionName, version);
  return found;
}

function statementsOf({ db }: Journal) {
  const versionColumns = 'function_name, version, modified_at, config';
  const aliasColumns = 'function_name, name, version, description, weights';
  return {
    names: prepare<{ name: string }>(db, 'SELECT name FROM lambda_function ORDER BY name'),
    function: prepare<{ settings: string; last_version: number }>(
      db,
      'SELECT settings, last_version FROM lambda_function WHERE name = ?',
    ),
    putFunction: prepare(
      db,
      'INSERT INTO lambda_function (name, settings, last_version) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET settings = excluded.settings',
    ),
    countVersion: prepare(db, 'UPDATE lambda_function SET last_version = last_version + 1 WHERE name = ?'),
    dropFunction: prepare(db, 'DELETE FROM lambda_function WHERE name = ?'),
    version: prepare<VersionRow>(
      db,
      `SELECT ${versionColumns} FROM lambda_version WHERE function_name = ? AND version = ?`,
    ),
    versions: prepare<VersionRow>(db, `SELECT ${versionColumns} FROM lambda_version WHERE function_name = ?`),
    putVersion: prepare(db, `INSERT OR REPLACE INTO lambda_version (${versionColumns}) VALUES (?, ?, ?, ?)`),
    dropVersion: prepare(db, 'DELETE FROM lambda_version WHERE function_name = ? AND version = ?'),
    dropVersions: prepare(db, 'DELETE FROM lambda_version WHERE function_name = ?'),
    alias: prepare<AliasRow>(
      db,
      `SELECT ${aliasColumns} FROM lambda_alias WHERE function_name = ? AND name = ?`,
    ),
    aliases: prepare<AliasRow>(
      db,
      `SELECT ${aliasColumns} FROM lambda_alias WHERE function_name = ? ORDER BY name`,
    ),
    putAlias: prepare(db, `INSERT OR REPLACE INTO lambda_alias (${aliasColumns}) VALUES (?, ?, ?, ?, ?)`),
    dropAlias: prepare(db, 'DELETE FROM lambda_alias WHERE function_name = ? AND name = ?'),
    dropAliases: prepare(db, 'DELETE FROM lambda_alias WHERE function_name = ?'),
  };
}

/** What Lambda answers when there is no such function, version or alias. */
export function notFound(functionName: string, qualifier: string): ApiError {
  const suffix = qualifier === '$LATEST' ? '' : `:${qualifier}`;
  return new ApiError('ResourceNotFoundException', `Function not found: ${functionName}${suffix}`, {
    status: 404,
  });
}

function chooseVersion({ version, weights }: Alias, chance: number): string {
  let covered = 0;
  for (const [other, weight] of Object.entries(weights)) {
    covered += weight;
    if (chance < covered) return other;
  }
  return version;
}

function sameConfig(a: VersionConfig, b: VersionConfig): boolean {
  return JSON.stringify(configOf(a)) === JSON.stringify(configOf(b));
}

function configOf({
  exportName,
  codeSha256,
  codeSize,
  memorySize,
  timeout,
  environment,
  uploaded,
  entry,
  runtime,
}: VersionConfig): VersionConfig {
  return {
    ...{ exportName, codeSha256, codeSize, memorySize, timeout, environment },
    ...(uploaded !== undefined && { uploaded }),
    ...(entry !== undefined && { entry }),
    ...(runtime !== undefined && { runtime }),
  };
}

function versionOf(row: VersionRow | undefined): FunctionVersion | undefined {
  return (
    row && {
      ...fromJson<VersionConfig>(row.config),
      functionName: row.function_name,
      version: row.version,
      modifiedAt: row.modified_at,
    }
  );
}

function aliasOf({ function_name, name, version, description, weights }: AliasRow): Alias {
  return { functionName: function_name, name, version, description, weights: fromJson(weights) };
}
