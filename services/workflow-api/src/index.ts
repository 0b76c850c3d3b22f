export { eventFor, type HttpRequest } from './client/api-request.ts';
export type { ApiEvent, ApiReply } from './http/api-event.ts';
export { type ApiRoute, ROUTES } from './routes.ts';
export { BAG_WRITERS, sealedEnvelopes } from './run/sealed-envelopes.ts';
