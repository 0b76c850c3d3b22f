export { type ApiEvent, type ApiReply, eventFor, type HttpRequest, type Texts } from './api-event.ts';
export { type Cell, type Cells, cellOf, cellProblems, SLOTS, slotOf } from './cells.ts';
export type { ApiRight, ApiRoute, QueryName } from './route.ts';
export { ROUTES } from './routes.ts';
