import type { ApiDependencies } from '@anima/api';
import { type Env, isGiven, settingNames } from './env.ts';

type Setting = ApiDependencies['settings'][number];

const secrets: ReadonlySet<keyof Env> = new Set([
  'OPENAI_API_KEY',
  'OPENAI_STANDBY_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

/** What of a URL's parameters nobody may read. */
const secretParameter = /pass|key|secret|token/i;

/** What the server runs with and who said so, without its secrets. */
export function settingsInForce(env: Env, source: Readonly<Record<string, string | undefined>>): readonly Setting[] {
  return settingNames.map((name) => {
    const value = env[name];
    return {
      name,
      value: value === undefined ? null : shown(name, String(value)),
      source: isGiven(source[name]) ? 'environment' : 'default',
      isSecret: secrets.has(name),
    };
  });
}

function shown(name: keyof Env, value: string): string {
  if (secrets.has(name)) return '••••••';
  return URL.canParse(value) && value.includes('://') ? withoutSecrets(new URL(value)) : value;
}

function withoutSecrets(url: URL): string {
  if (url.password !== '') url.password = '***';
  for (const name of [...url.searchParams.keys()]) {
    if (secretParameter.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}
