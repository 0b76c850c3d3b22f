export { type ApiEvent, type ApiReply, eventFor, type HttpRequest, type Texts } from './api-event.ts';
export { type ApiRight, type ApiRoute, type QueryName, ROUTES } from './routes.ts';
