import type { LocalCloud } from '@statebag/local-cloud';

/** What earlier releases called the target of a rule that they made of a function's event. */
const FORMER_TARGET = 'function';

/** Takes away the rules of earlier releases, of which the stack has others: both would start the functions. */
export function forgetFormerRules({ events: { rules }, kept }: LocalCloud): void {
  for (const { bus, name } of rules.list('default')) {
    const targets = rules.targets({ bus, name });
    if (targets.length === 0 || targets.some(({ id }) => id !== FORMER_TARGET)) continue;
    rules.removeTarget({ bus, name }, FORMER_TARGET);
    rules.remove(bus, name);
    kept.remove('AWS::Lambda::Permission', `${name}-permission`);
  }
}
