import { defineNode, NodeFailure } from '@statebag/node';

/**
 * A node with an effect: the service books an order, and must not do so twice. Its answer is recorded, and it
 * is asked again only where it is known to have done nothing.
 */
export const book = defineNode({
  type: 'shop.book',
  doc: 'Books an order with the service.',
  reads: ['service', 'order'],
  writes: ['booking'],
  effect: 'once',
  retry: { attempts: 3, intervalS: 0.2 },
  run: async ({ state, key, signal }) => {
    const answer = await fetch(String(state.service), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(state.order),
      signal,
    });
    if (answer.status === 503)
      throw new NodeFailure('the service is busy', { mayPass: true, nothingDone: true });
    if (!answer.ok) throw new NodeFailure(`the service answered ${answer.status}`, { nothingDone: true });
    return { booking: await answer.json() };
  },
});
