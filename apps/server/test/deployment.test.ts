import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readEnv, settingNames } from '../src/env.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly target?: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: unknown;
}

/** A tag of Docker's own, which says that a list replaces the one before. */
const customTags = [{ tag: '!override', collection: 'seq' as const, resolve: (value: unknown) => value }];

function services(file: string): Readonly<Record<string, Service>> {
  const parsed = parse(read(file), { merge: true, customTags: customTags as never }) as {
    services: Record<string, Service>;
  };
  return parsed.services;
}

const compose = services('docker/compose.yml');
const scaled = services('docker/compose.scale.yml');
const clustered = services('docker/compose.citus.yml');
const ofConsole = ['ANIMA_URL', 'ADMIN_HOST', 'ADMIN_PORT', 'ANIMA_AUTH'];
const resolved = (environment: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/\$\{\w+:-(\w+)\}/, '$1')]),
  );

test('every setting of the compose files is one, and the server starts with them', () => {
  for (const [role, more] of ['api', 'worker'].flatMap((role) =>
    [scaled, clustered].map((more) => [role, more] as const),
  )) {
    const given = { ...compose[role]!.environment, ...more[role]!.environment };
    expect(settingNames).toEqual(expect.arrayContaining(Object.keys(given)));
    // As the image sets it.
    expect(readEnv({ HOST: '0.0.0.0', ...resolved(given) })).toMatchObject({ ANIMA_ROLE: role, ANIMA_AUTH: 'on' });
  }
  expect(ofConsole).toEqual(expect.arrayContaining(Object.keys(compose.admin!.environment!)));
});

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

test.skipIf(!hasCompose)('Docker Compose takes the files, alone and one on top of the other', () => {
  const more = [[], ['compose.scale.yml'], ['compose.citus.yml']];
  for (const given of more.map((names) => ['compose.yml', ...names].flatMap((name) => ['-f', name]))) {
    const cwd = fileURLToPath(new URL('../../../docker/', import.meta.url));
    const { status, stderr } = spawnSync('docker', ['compose', ...given, 'config', '-q'], { cwd, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  }
});

test('what runs is on the ports that are written down, reachable from this machine only', () => {
  const ports = Object.values(compose).flatMap(({ ports = [] }) => ports);
  expect(ports.toSorted()).toEqual([
    ...['127.0.0.1:7100:7100', '127.0.0.1:7101:5432', '127.0.0.1:7102:11434', '127.0.0.1:7180:7180'],
  ]);
  for (const { ports = [] } of [scaled, clustered].flatMap((services) => Object.values(services))) {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  }
});

test('the coordinator is told of every node that is started, and a server waits for that', () => {
  const nodes = Object.entries(clustered).flatMap(([name, { build, profiles }]) => (build && !profiles ? [name] : []));
  const told = clustered.nodes!.entrypoint!.join('\n');
  expect(nodes).toEqual(['postgres', 'node-1', 'node-2']);
  for (const name of nodes) expect(told).toContain(`('${name}', 5432)`);
  expect(Object.keys(clustered.nodes!.depends_on as object)).toEqual(nodes);
  for (const role of ['api', 'worker']) {
    expect(clustered[role]).toMatchObject({
      environment: { DATABASE_BACKEND: 'citus' },
      depends_on: { nodes: { condition: 'service_completed_successfully' } },
    });
  }
  expect(read('docker/citus.Dockerfile')).toMatch(/^FROM citusdata\/citus:13\.2\.\d+$/m);
});

test('Anima’s own containers can write nowhere but where they must, and may nothing', () => {
  for (const name of ['api', 'worker', 'admin']) {
    expect(compose[name], name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  }
});

test('the image has the targets, users and settings that are asked of it', () => {
  const dockerfile = read('docker/Dockerfile');
  for (const { build } of Object.values(compose)) {
    if (build?.target) expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
  }
  for (const stage of ['server', 'admin']) {
    const [own = ''] = dockerfile.split(new RegExp(`^FROM \\S+ AS ${stage}$`, 'm'))[1]!.split(/^FROM /m);
    expect(own).toMatch(/^USER node$/m);
    expect(own).toMatch(/^HEALTHCHECK /m);
    const set = [...own.matchAll(/^ENV (.+)$/gm)].flatMap(([, line]) =>
      line!.split(' ').map((one) => one.split('=')[0]!),
    );
    expect([...settingNames, ...ofConsole]).toEqual(expect.arrayContaining(set));
  }
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string };
  expect(dockerfile).toContain(`npx --yes ${packageManager} install --frozen-lockfile`);
});

test('the notes for systemd and Kubernetes name settings and probes that there are', () => {
  const unit = read('deploy/anima.service');
  const [, set = ''] = /^Environment=(.+)$/m.exec(unit) ?? [];
  expect(settingNames).toEqual(expect.arrayContaining(set.split(' ').map((one) => one.split('=')[0])));
  const [deployment] = parseAllDocuments(read('deploy/kubernetes.yml'));
  const { containers } = deployment!.toJS().spec.template.spec;
  expect(settingNames).toEqual(expect.arrayContaining(containers[0].env.map(({ name }: { name: string }) => name)));
  expect(containers[0].readinessProbe.httpGet.path).toBe('/health/ready');
});
