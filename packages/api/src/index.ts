/** What callers of the router send and get, as core has it. */
export type {
  AddManyRequest,
  AddRequest,
  AddResult,
  BootstrapRequest,
  BootstrapResult,
  CiteRequest,
  CiteResult,
  ConfigureRequest,
  ErrorCode,
  FieldError,
  Finding,
  Memory,
  QueryHit,
  QueryRequest,
  QueryResult,
  RebuildReport,
  RebuildStep,
  Reembedding,
  ReembedReport,
  ReembedRequest,
  ReembedStep,
  SpaceDescription,
  SpaceResult,
} from '@anima/core';
export { type Api, createApi } from './create-api.ts';
export type { ApiDependencies } from './dependencies.ts';
export { loggableError } from './loggable-error.ts';
export type { AppRouter } from './trpc/router.ts';
