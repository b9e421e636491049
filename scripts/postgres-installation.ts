import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** The programs of a PostgreSQL with pgvector on this machine. */
export interface Installation {
  /** The folder of its programs. */
  readonly bin: string;
  /** Whom they run as: PostgreSQL refuses to run as root. */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/**
 * The newest server with pgvector, as Debian installs them, or the one that `pg_config` tells of.
 *
 * @returns why there is none, where there is none
 */
export function findInstallation(): Installation | string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const told = spawnSync('pg_config', ['--bindir', '--sharedir'], { encoding: 'utf8' });
  const [toldBin = '', toldShare = ''] = told.status === 0 ? told.stdout.split('\n') : [];
  const installed = [
    ...versions.map((version) => ({ bin: `${debian}/${version}/bin`, share: `/usr/share/postgresql/${version}` })),
    { bin: toldBin, share: toldShare },
  ].find(({ bin, share }) => existsSync(`${bin}/initdb`) && existsSync(`${share}/extension/vector.control`));
  if (!installed) return 'no PostgreSQL with pgvector is installed here';
  if (process.getuid?.() !== 0) return { bin: installed.bin, user: {} };
  const id = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  if (id('-u').status !== 0) return 'PostgreSQL does not run as root, and there is no user postgres';
  return { bin: installed.bin, user: { uid: Number(id('-u').stdout), gid: Number(id('-g').stdout) } };
}
