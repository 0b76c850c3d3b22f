import type { Mapping, Plain } from '../document.ts';
import { type Account, type Provider, refuseExisting, type Wanted } from '../provider.ts';
import type { ResourceType } from '../resource-types.ts';

interface KeptForm {
  readonly naming?: Provider['naming'];
  /** Its id, out of its name and properties; the name, if nothing else is said. */
  id?(wanted: Wanted): string;
  /** Where two stacks could have the same id that is not the account's: what makes it one of its own. */
  key?(gone: { readonly id: string; readonly properties: Mapping }): string;
  attributes?(id: string, properties: Mapping, account: Account): Readonly<Record<string, Plain>>;
  /** @throws where the service would refuse it */
  check?(properties: Mapping, account: Account): void | Promise<void>;
}

/** A provider for resources that consist of what the template says of them. */
export function keptProvider(type: ResourceType, form: KeptForm = {}): Provider {
  const { id: idOf = ({ name }) => name, key = ({ id }) => id, attributes = () => ({}), check } = form;
  return {
    ...(form.naming !== undefined && { naming: form.naming }),
    create: async (wanted, account) => {
      const { properties } = wanted;
      await check?.(properties, account);
      const id = idOf(wanted);
      refuseExisting(type, id, account.kept.find(type, key({ id, properties })) !== undefined);
      account.kept.put(type, key({ id, properties }), properties);
      return { id, attributes: attributes(id, properties, account) };
    },
    update: async ({ id, properties }, account) => {
      await check?.(properties, account);
      account.kept.put(type, key({ id, properties }), properties);
      return { id, attributes: attributes(id, properties, account) };
    },
    remove: async (gone, account) => account.kept.remove(type, key(gone)),
  };
}
