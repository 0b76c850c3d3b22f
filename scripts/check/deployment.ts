import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composed, composedOutputs, deployables, parameters } from '@statebag/deployment/stacks';
import type { Findings } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Parameters of the templates: each is a choice with a meaning or is passed on by serverless-compose.yml, and
 * has one default.
 */
export function checkDeployment(): Findings {
  const all = parameters();
  const passed = composed();
  const problems = all.flatMap(({ name, defaults, consumers, meaning }) => {
    if (consumers.length === 0) return [`packages/deployment/choices.cjs: no template uses ${name}`];
    if (meaning !== undefined)
      return defaults.length > 1 && !CONFIGURED_TWICE.has(name)
        ? [`${name} has several defaults: ${defaults.join(', ')}`]
        : [];
    return consumers
      .filter((consumer) => !passesOn(passed, consumer, name))
      .map((consumer) => `serverless-compose.yml: ${consumer} needs ${name}, which nothing passes on`);
  });
  return {
    problems: [...problems, ...outputsThatNobodySays(), ...sizesWithoutReason()],
    report: `${all.length} parameters`,
  };
}

/** A key that there may be none of: empty for the bucket, an ARN that matches nothing for the roles. */
const CONFIGURED_TWICE: ReadonlySet<string> = new Set(['kmsKeyArn']);

function passesOn(passed: ReadonlyMap<string, readonly string[]>, consumer: string, name: string): boolean {
  return [...passed].some(([path, names]) => path.endsWith(consumer) && names.includes(name));
}

/** Memory and time of a function are a decision, and a decision has a reason: the comment behind it. */
function sizesWithoutReason(): readonly string[] {
  return deployables(ROOT).flatMap((folder) => {
    const lines = readFileSync(join(ROOT, folder, 'serverless.yml'), 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      /^ {4}(memorySize|timeout): \d+\s*$/.test(line)
        ? [`${folder}/serverless.yml:${index + 1}: ${line.trim()} says no reason`]
        : [],
    );
  });
}

function outputsThatNobodySays(): readonly string[] {
  return composedOutputs().flatMap(({ from, output, isSaid }) =>
    isSaid ? [] : [`serverless-compose.yml: ${from} has no output ${output}`],
  );
}
