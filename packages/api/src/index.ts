export { type Api, createApi } from './create-api.ts';
export type { ApiDependencies } from './dependencies.ts';
export type { AppRouter } from './trpc/router.ts';
