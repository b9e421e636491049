// Preloaded into a server: makes it one of another version, by other words in its source.
import { registerHooks } from 'node:module';
import type { OtherWords } from './server-process.ts';

const changes = JSON.parse(process.env.FAULTS_OTHER_VERSION ?? '[]') as readonly OtherWords[];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const change = changes.find(({ file }) => url.endsWith(file));
    if (!change) return loaded;
    const source = String(loaded.source);
    if (!source.includes(change.words)) throw new Error(`${change.file} has no "${change.words}" any more`);
    return { ...loaded, source: source.replace(change.words, change.instead) };
  },
});
