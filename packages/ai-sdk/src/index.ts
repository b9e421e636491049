export { type MemoryMiddlewareOptions, memoryMiddleware } from './memory-middleware.ts';
export { type MemoryToolsOptions, memoryTools } from './memory-tools.ts';
export type { Turn } from './turn.ts';
