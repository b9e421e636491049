export { type OpenRedis, openRedis, type RedisOptions } from './open-redis.ts';
