import { AnimaError } from './errors.ts';

/** What a key may do, the least first: each may all that those before it may. */
export const roles = ['read', 'write', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Who asks: a key, or anyone where keys are not asked for. */
export interface Principal {
  /** Undefined where keys are not asked for. */
  readonly keyId: string | undefined;
  readonly role: Role;
  /** The only spaces that it may name; undefined is all there are. */
  readonly spaces: readonly string[] | undefined;
}

/** Who asks where keys are not asked for. */
export const anyone: Principal = { keyId: undefined, role: 'admin', spaces: undefined };

/**
 * What an operation asks for. `space`: it works in the space that its input names. `server`: it shows or changes what
 * all spaces share, so a key of some spaces does not open it. `own`: it shows no more than the key opens.
 */
export interface Access {
  readonly role: Role;
  readonly reach: 'space' | 'server' | 'own';
}

/**
 * Lets an operation pass, or says why not. Nobody is let pass who is not known.
 *
 * @param space that the input names
 * @throws AnimaError `UNAUTHORIZED`, `FORBIDDEN`
 */
export function requireAccess(principal: Principal | undefined, { role, reach }: Access, space: unknown): void {
  if (!principal) throw new AnimaError('UNAUTHORIZED', 'a key is needed: send "Authorization: Bearer KEY"');
  if (roles.indexOf(principal.role) < roles.indexOf(role)) {
    throw new AnimaError('FORBIDDEN', `this needs a key of the role ${role}; this one has ${principal.role}`);
  }
  const { spaces } = principal;
  if (spaces === undefined || reach === 'own') return;
  if (reach === 'server') throw new AnimaError('FORBIDDEN', 'this needs a key of all spaces; this one has some');
  if (typeof space === 'string' && spaces.includes(space)) return;
  throw new AnimaError('FORBIDDEN', `this key does not open the space "${String(space)}"`);
}
