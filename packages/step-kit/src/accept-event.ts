import { accept, isJsonObject, StatebagError, type Validator } from '@statebag/contracts';

/**
 * The event, known to have the shape. A bag inside a bag is named for what it is.
 * @throws `Contract.EventRejected`, `Bag.Nested`
 */
export function acceptEvent<Event>(validator: Validator, raw: unknown): Event {
  if (isJsonObject(raw) && isJsonObject(raw['state_data']) && Object.hasOwn(raw['state_data'], 'state_data')) {
    throw new StatebagError('Bag.Nested', 'state_data holds another state_data: an envelope was merged into the bag instead of replacing it');
  }
  return accept<Event>(validator, raw, 'event');
}

/** The same as a schema for `@middy/validator`: true, or the typed error. */
export function eventSchema(validator: Validator): (raw: unknown) => true {
  return (raw) => {
    acceptEvent(validator, raw);
    return true;
  };
}
