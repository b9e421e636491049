// `npm run test:containers`: the contract suite on PostgreSQL 15 to 18 and the suite of Redis, each in a container;
// where Docker does not answer, it says so and does nothing. Arguments choose images: `npm run test:containers -- pg17`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dockerIsSilent, runTrials, trials } from './containers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const chosen = trials.filter(({ image }) => words.length === 0 || words.some((word) => image.includes(word)));

const outcomes = await runTrials(chosen, dockerIsSilent, (suites, environment) => {
  const options = { cwd: root, env: { ...process.env, ...environment }, stdio: 'inherit' as const };
  return spawnSync('vitest', ['run', '--testTimeout=180000', ...suites], options).status === 0;
});
for (const { image, result } of outcomes) console.log(`${image.padEnd(24)}${result}`);
process.exitCode = outcomes.some(({ result }) => result === 'FAILED') ? 1 : 0;
