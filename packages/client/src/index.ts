export type {
  AddManyRequest,
  AddRequest,
  AddResult,
  BootstrapRequest,
  BootstrapResult,
  CiteRequest,
  CiteResult,
  ConfigureRequest,
  FieldError,
  Finding,
  Memory,
  QueryHit,
  QueryRequest,
  QueryResult,
  RebuildReport,
  RebuildStep,
  SpaceResult,
} from '@anima/api';
export { AnimaClientError, type AnimaClientErrorCode, isAnimaClientError } from './client-error.ts';
export { type AnimaClient, type AnimaClientOptions, createAnimaClient } from './create-client.ts';
