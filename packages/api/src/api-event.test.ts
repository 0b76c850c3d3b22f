import { expect, test } from '@jest/globals';
import { eventFor } from './api-event.ts';

test('a request is led to its function with the parameters of its path', () => {
  const claims = { iss: 'i', sub: 's' };
  const found = eventFor({ method: 'GET', target: '/runs/r%201/history?limit=3', claims });
  expect(found).toMatchObject({
    route: { key: 'runHistory' },
    event: { pathParameters: { run_id: 'r 1' }, queryStringParameters: { limit: '3' } },
  });
  expect(eventFor({ method: 'GET', target: '/runs/', claims })).toBeUndefined();
  for (const target of ['/', '/runs/a/b/c', '/nothing'])
    expect(eventFor({ method: 'GET', target, claims })).toBeUndefined();
  expect(eventFor({ method: 'DELETE', target: '/runs', claims })).toBeUndefined();
});
