/** What callers of the router send and get, as core has it. */
export type {
  AddManyRequest,
  AddRequest,
  AddResult,
  BootstrapRequest,
  BootstrapResult,
  ChangeRequest,
  ChangeResult,
  CiteRequest,
  CiteResult,
  ConfigureRequest,
  ErrorCode,
  FieldError,
  Finding,
  GetRequest,
  GetResult,
  ListRequest,
  ListResult,
  MarkRequest,
  Memory,
  QueryHit,
  QueryRequest,
  QueryResult,
  RebuildReport,
  RebuildStep,
  SetTierRequest,
  SpaceResult,
  StoredEntry,
  UnmergeRequest,
  UpdateRequest,
  UpdateResult,
} from '@anima/core';
export { type Api, createApi } from './create-api.ts';
export type { ApiDependencies } from './dependencies.ts';
export { loggableError } from './loggable-error.ts';
export type { AppRouter } from './trpc/router.ts';
