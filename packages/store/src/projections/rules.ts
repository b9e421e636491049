import type { Projection } from '@anima/core';
import { associations } from './associations.ts';
import { memoryState } from './memory-state.ts';
import type { ProjectionRules } from './projection.ts';

/** The rules of every projection. */
export const projectionRules: Record<Projection, ProjectionRules> = {
  memory_state: memoryState,
  associations,
};
