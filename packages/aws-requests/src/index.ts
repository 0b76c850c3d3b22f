/** Requests to AWS as the functions make them: by the SDK's signer, transport and retries, without its clients. */
export { dynamoDb, eventBridge, ssm, stepFunctions } from './json-services.ts';
export { type Keys, type Place, placeOf } from './place.ts';
export { type GotObject, s3 } from './s3.ts';
export { ServiceFailure } from './service-failure.ts';
export type { Patience } from './signed-requests.ts';
