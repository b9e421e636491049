import { z } from 'zod';
import { spaceSettingsChanges } from '../space-settings.ts';
import { idempotencyKey, space } from './fields.ts';

export const spaceInput = z.strictObject({ space });

export const configureInput = z.strictObject({
  settings: spaceSettingsChanges,
  space,
  idempotencyKey,
});

/** What a caller may send; defaults are still open. */
export type ConfigureRequest = z.input<typeof configureInput>;

/** What a use case works with: checked, defaults filled in. */
export type SpaceInput = z.output<typeof spaceInput>;
export type ConfigureInput = z.output<typeof configureInput>;
