import { expect, it } from 'vitest';
import { readEnv } from '../src/env.ts';
import { settingsInForce } from '../src/settings-in-force.ts';

const inForce = (source: Record<string, string>) =>
  new Map(settingsInForce(readEnv(source), source).map((setting) => [setting.name, setting]));

it('tells of each setting what holds and whether somebody said so', () => {
  const settings = inForce({ PORT: '7200', RANKING: '' });
  expect(settings.get('PORT')).toEqual({ name: 'PORT', value: '7200', source: 'environment', isSecret: false });
  expect(settings.get('RANKING')).toEqual({ name: 'RANKING', value: 'hybrid', source: 'default', isSecret: false });
  expect(settings.get('DATABASE_URL')).toMatchObject({ value: null, source: 'default' });
});

it('tells no secret: of a key that it is there, of a URL all but its password', () => {
  const source = {
    OPENAI_API_KEY: 'sk-hidden',
    AWS_SECRET_ACCESS_KEY: 'hidden',
    AWS_SESSION_TOKEN: 'hidden',
    DATABASE_URL: 'postgres://ada:hidden@db:5432/anima?sslpassword=hidden&sslmode=require',
    OLLAMA_URL: 'http://grace:hidden@ollama:11434',
  };
  const settings = settingsInForce(readEnv(source), source);
  expect(JSON.stringify(settings)).not.toContain('hidden');
  const shown = inForce(source);
  expect(shown.get('OPENAI_API_KEY')).toMatchObject({ value: '••••••', isSecret: true, source: 'environment' });
  expect(shown.get('DATABASE_URL')?.value).toBe('postgres://ada:***@db:5432/anima?sslpassword=***&sslmode=require');
});
