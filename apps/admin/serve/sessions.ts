import { randomBytes } from 'node:crypto';

/** How long one sign-in lasts, ms. */
const lifetimeMs = 12 * 3_600_000;
/** Sign-ins that are kept; the oldest make room. */
const mostSessions = 1_000;

/**
 * Who is signed in: a random name, which the browser has, for a key, which never leaves this process. A restart of the
 * console signs everybody out.
 */
export class Sessions {
  readonly #keys = new Map<string, { readonly key: string; readonly until: number }>();

  begin(key: string): string {
    const name = randomBytes(32).toString('base64url');
    const [oldest] = this.#keys.keys();
    if (this.#keys.size >= mostSessions && oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(name, { key, until: Date.now() + lifetimeMs });
    return name;
  }

  keyOf(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const session = this.#keys.get(name);
    if (session && session.until > Date.now()) return session.key;
    this.#keys.delete(name);
    return undefined;
  }

  end(name: string | undefined): void {
    if (name !== undefined) this.#keys.delete(name);
  }
}
